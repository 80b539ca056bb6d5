package dev.latente.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.NoNativeLeaks;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.weights.lora.Lora;
import dev.latente.weights.lora.LowRank;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files of whole numbers with their scales: what is read of them, what decorators leave, and what is wrong with broken ones. */
@ExtendWith(NoNativeLeaks.class)
class QuantizedWeightsTest {
    private final Path dir;

    QuantizedWeightsTest(@TempDir Path dir) {
        this.dir = dir;
    }

    @BeforeAll
    static void load() {
        Scopes.run(() -> Ops.zeros(DType.F32, Device.CPU, 1));
    }

    /** {@code x.weight} = [[2, -4], [1.5, 0]] as [[1, -2], [3, 0]] times [2, 0.5], and a bias. */
    private static Map<String, Tensor> sound() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("x.weight", Ops.ofBytes(new byte[] {1, -2, 3, 0}, DType.I8, 2, 2));
        tensors.put("x.weight_scale", Ops.of(new float[] {2, 0.5f}, 2, 1));
        tensors.put("x.bias", Ops.to(Ops.of(new float[] {7, 8}, 2), DType.F16));
        return tensors;
    }

    private Path write(Map<String, Tensor> tensors) {
        Path file = dir.resolve("x.safetensors");
        SafetensorsWriter.of(tensors).write(file);
        return file;
    }

    @Test
    void aWeightIsItsValuesTimesItsScales() {
        Scopes.run(() -> {
            try (TensorFile file = TensorFiles.open(write(sound()))) {
                assertThat(file.keys()).containsExactlyInAnyOrder("x.weight", "x.bias");
                assertThat(Ops.floats(file.get("x.weight", 2, 2))).containsExactly(2, -4, 1.5f, 0);
                assertThat(Ops.floats(file.get("x.bias", 2))).containsExactly(7, 8);
                assertThat(file.quantized("x.bias", 2)).isNull();
                Quantized weight = Objects.requireNonNull(file.quantized("x.weight", 2, 2));
                assertThat(Ops.longs(weight.values())).containsExactly(1, -2, 3, 0);
                assertThat(Ops.floats(weight.scales())).containsExactly(2, 0.5f);
                assertThat(file.tensors().get("x.weight"))
                        .isEqualTo(new TensorInfo("x.weight", "INT8", List.of(2L, 2L), 4 + 8));
                assertThatThrownBy(() -> file.quantized("x.weight", 2, 3))
                        .hasMessageContaining("[x.weight]: has shape");
                assertThatThrownBy(() -> file.quantized("y.weight", 2, 3))
                        .hasMessageContaining("[y.weight]: is missing");
            }
        });
    }

    @ParameterizedTest
    @CsvSource({"F32, 2", "F16, 2 1", "BF16, 2 1 1 1"})
    void scalesMayBeShorterAndOfAnyShapeThatBroadcasts(DType dtype, String shape) {
        Scopes.run(() -> {
            Map<String, Tensor> tensors = sound();
            long[] dims = List.of(shape.split(" ")).stream()
                    .mapToLong(Long::parseLong)
                    .toArray();
            tensors.put("x.weight_scale", Ops.to(Ops.of(new float[] {2, 0.5f}, dims), dtype));
            try (TensorFile file = TensorFiles.open(write(tensors))) {
                assertThat(Ops.floats(file.get("x.weight", 2, 2))).containsExactly(2, -4, 1.5f, 0);
            }
        });
    }

    /** Byte 0x1f: the low half is 15 - 8 for the even input, the high half 1 - 8 for the odd one. */
    @Test
    void fourBitsArePackedByPairsOfInputs() {
        Scopes.run(() -> {
            float[] values = {7, 0, -3, 1, -7, 2, 4, -1};
            Quantized kernel = Quantized.of(Ops.of(values, 1, 4, 1, 2), 4);
            Tensor packed = QuantizedWeights.pack(kernel);
            assertThat(Ops.shape(packed)).containsExactly(1, 2, 1, 2);
            assertThat(Ops.longs(packed)).containsExactly(0x5f, 0x98, 0xc1, 0x7a);
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            tensors.put("x.weight", packed);
            tensors.put("x.weight_scale", kernel.scales().view(1, 1, 1, 1));
            try (TensorFile file = TensorFiles.open(write(tensors))) {
                assertThat(Ops.floats(file.get("x.weight", 1, 4, 1, 2))).containsExactly(values);
                assertThat(Objects.requireNonNull(file.quantized("x.weight", 1, 4, 1, 2))
                                .bits())
                        .isEqualTo(4);
                assertThat(Objects.requireNonNull(file.tensors().get("x.weight"))
                                .dtype())
                        .isEqualTo("INT4");
            }
        });
    }

    @Test
    void anOddNumberOfInputsIsNotPacked() {
        Scopes.run(() -> {
            Quantized weight = Quantized.of(Ops.of(new float[] {7, -3, 1}, 1, 3), 4);
            assertThat(Ops.dtype(QuantizedWeights.pack(weight))).isEqualTo(DType.I8);
            assertThat(QuantizedWeights.describe("x.weight", List.of(1L, 3L), 4))
                    .containsExactly(
                            new TensorInfo("x.weight", "I8", List.of(1L, 3L), 3),
                            new TensorInfo("x.weight_scale", "F32", List.of(1L, 1L), 4));
        });
    }

    @Test
    void shardsMayPartAWeightFromItsScales() throws IOException {
        Path index = Files.writeString(
                dir.resolve("index.json"), "{\"weight_map\":{\"x.weight\":\"one\",\"x.weight_scale\":\"two\"}}");
        Scopes.run(() -> {
            Map<String, Tensor> tensors = sound();
            SafetensorsWriter.of(Map.of("x.weight", Objects.requireNonNull(tensors.get("x.weight"))))
                    .write(dir.resolve("one"));
            SafetensorsWriter.of(Map.of("x.weight_scale", Objects.requireNonNull(tensors.get("x.weight_scale"))))
                    .write(dir.resolve("two"));
            try (TensorFile file = TensorFiles.open(index)) {
                assertThat(file.keys()).containsExactly("x.weight");
                assertThat(Ops.floats(file.get("x.weight", 2, 2))).containsExactly(2, -4, 1.5f, 0);
            }
        });
    }

    @Test
    void decoratorsHandThroughWhatTheyDoNotChange() {
        Scopes.run(() -> {
            try (TensorFile file = TensorFiles.open(write(sound()))) {
                WeightSource cast = WeightSources.cast(file, DType.BF16, Device.CPU);
                assertThat(Ops.dtype(cast.get("x.weight", 2, 2))).isEqualTo(DType.BF16);
                for (WeightSource source : List.of(
                        cast,
                        WeightSources.below(WeightSources.joined(Map.of("a.", file)), "a."),
                        WeightSources.renamed(file, key -> "x" + key.substring(1)))) {
                    Quantized weight = Objects.requireNonNull(source.quantized("x.weight", 2, 2));
                    assertThat(Ops.longs(weight.values())).containsExactly(1, -2, 3, 0);
                    assertThat(Ops.floats(weight.scales())).containsExactly(2, 0.5f);
                }
            }
        });
    }

    @Test
    void aLoraIsAddedToTheProduct() {
        Scopes.run(() -> {
            LowRank change = new LowRank(Ops.of(new float[] {1, 2}, 1, 2), Ops.of(new float[] {10, 20}, 2, 1), 1);
            Lora lora = new Lora(Map.of("x.weight", change));
            try (TensorFile file = TensorFiles.open(write(sound()))) {
                WeightSource merged = Lora.withLora(file, lora, 1);
                assertThat(merged.quantized("x.weight", 2, 2)).isNull();
                assertThat(Ops.floats(merged.get("x.weight", 2, 2))).containsExactly(12, 16, 21.5f, 40);
                assertThat(Lora.withLora(file, lora, 0).quantized("x.weight", 2, 2))
                        .isNotNull();
            }
        });
    }

    @Test
    void aScaleWithoutAWeightIsNamed() {
        assertBroken(
                tensors -> tensors.remove("x.weight"),
                "tensor [x.weight_scale]: is the scale of [x.weight], which is missing");
    }

    @Test
    void aScaleOfAnotherShapeIsRefused() {
        assertBroken(
                tensors -> tensors.put("x.weight_scale", Ops.of(new float[3], 3, 1)),
                "tensor [x.weight_scale]: has shape [3, 1], wanted [2,1,…] for a weight of shape [2, 2]");
        assertBroken(
                tensors -> tensors.put("x.weight_scale", Ops.of(new float[2], 1, 2)),
                "tensor [x.weight_scale]: has shape [1, 2], wanted [2,1,…] for a weight of shape [2, 2]");
    }

    @Test
    void otherTypesAreRefused() {
        assertBroken(
                tensors -> tensors.put("x.weight_scale", Ops.of(new long[] {1, 2}, 2, 1)),
                "tensor [x.weight_scale]: is I64, wanted F32, F16 or BF16");
        assertBroken(
                tensors -> tensors.put("x.weight", Ops.of(new float[4], 2, 2)),
                "tensor [x.weight]: has a scale and is F32[2, 2], wanted I8 [out,in,…] or U8 [out,in/2,…]");
        assertBroken(
                tensors -> tensors.put("x.weight", Ops.ofBytes(new byte[2], DType.I8, 2)),
                "tensor [x.weight]: has a scale and is I8[2], wanted I8 [out,in,…] or U8 [out,in/2,…]");
    }

    @ParameterizedTest
    @CsvSource({"NaN", "Infinity"})
    void aScaleThatIsNotFiniteIsRefusedWhenItIsRead(float value) {
        Scopes.run(() -> {
            Map<String, Tensor> tensors = sound();
            tensors.put("x.weight_scale", Ops.of(new float[] {1, value}, 2, 1));
            Path path = write(tensors);
            try (TensorFile file = TensorFiles.open(path)) {
                assertThatThrownBy(() -> file.get("x.weight", 2, 2))
                        .isInstanceOf(WeightsException.class)
                        .hasMessage(path + ": tensor [x.weight_scale]: holds a value that is not finite");
            }
        });
    }

    private interface Damage {
        void to(Map<String, Tensor> tensors);
    }

    private void assertBroken(Damage damage, String message) {
        Scopes.run(() -> {
            Map<String, Tensor> tensors = sound();
            damage.to(tensors);
            Path path = write(tensors);
            assertThatThrownBy(() -> TensorFiles.open(path).close())
                    .isInstanceOf(WeightsException.class)
                    .hasMessage(path + ": " + message);
        });
    }
}
