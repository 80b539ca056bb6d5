package dev.latente.weights.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.weights.Quantized;
import dev.latente.weights.QuantizedWeights;
import dev.latente.weights.Safetensors;
import dev.latente.weights.SafetensorsWriter;
import dev.latente.weights.TensorInfo;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightsException;
import dev.latente.weights.compression.Layers;
import dev.latente.weights.compression.Quantization;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Folders and single files of whole numbers: written, read, read under other names. */
class QuantizedFolderTest {
    private final Path temp;
    private final Path folder;

    QuantizedFolderTest(@TempDir Path temp) throws IOException {
        this.temp = temp;
        folder = temp.resolve("folder");
        TinyCheckpoint.write(folder);
    }

    /** All models quantised but {@code conv_in}, the rest in fp16. */
    private Path quantized(int bits) {
        Path target = temp.resolve("int" + bits);
        Quantization quantization = new Quantization(bits, name -> !name.startsWith("conv_in."));
        try (CheckpointFiles files = CheckpointFiles.open(folder)) {
            Map<String, WeightSource> sources = new LinkedHashMap<>();
            files.components().forEach(c -> sources.put(c, quantization.over(files.weights(c))));
            new Converter(files, DType.F16).withWeights(sources).toFolder(target);
        }
        return target;
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 4})
    void aFolderGivesTheRoundedWeights(int bits) {
        Quantization quantization = Quantization.of(bits);
        try (CheckpointFiles original = CheckpointFiles.open(folder);
                CheckpointFiles got = CheckpointFiles.open(quantized(bits))) {
            assertThat(got.components()).isEqualTo(original.components());
            for (String component : original.components()) {
                assertThat(got.weights(component).keys())
                        .containsExactlyInAnyOrderElementsOf(
                                original.weights(component).keys());
                original.stored(component)
                        .shapes()
                        .forEach((name, shape) -> Scopes.run(() -> {
                            long[] dims =
                                    shape.stream().mapToLong(Long::longValue).toArray();
                            Quantized stored = got.weights(component).quantized(name, dims);
                            Tensor weight = original.tensor(component, name);
                            boolean kept = name.startsWith("conv_in.") || !Layers.has(name, shape);
                            assertThat(stored == null).as(name).isEqualTo(kept);
                            Tensor expected = kept
                                    ? Ops.to(weight, DType.F16)
                                    : quantization
                                            .over(original.weights(component))
                                            .get(name, dims);
                            assertThat(Ops.floats(got.weights(component).get(name, dims)))
                                    .as(name)
                                    .containsExactly(Ops.floats(expected));
                        }));
            }
        }
    }

    @Test
    void theConfigurationSaysHowItWasMade() {
        Path target = quantized(8);
        try (CheckpointFiles files = CheckpointFiles.open(target);
                Safetensors file = Safetensors.open(target.resolve("unet/diffusion_pytorch_model.safetensors"))) {
            JsonNode config = files.config("unet").path("quantization_config");
            assertThat(config.path("weights").path("num_bits").asInt()).isEqualTo(8);
            assertThat(config.path("ignore").toString()).isEqualTo("[\"conv_in\"]");
            assertThat(file.tensors().get("conv_in.weight"))
                    .isEqualTo(new TensorInfo("conv_in.weight", "F16", List.of(8L, 4L, 3L, 3L), 576));
            assertThat(file.tensors().get("conv_out.weight"))
                    .isEqualTo(new TensorInfo("conv_out.weight", "I8", List.of(4L, 8L, 3L, 3L), 288));
            assertThat(file.tensors().get("conv_out.weight_scale"))
                    .isEqualTo(new TensorInfo("conv_out.weight_scale", "F32", List.of(4L, 1L, 1L, 1L), 16));
        }
    }

    @Test
    void aCopyStaysQuantisedUntilADtypeIsWanted() {
        try (CheckpointFiles files = CheckpointFiles.open(quantized(4))) {
            new Converter(files, null).toFolder(temp.resolve("copy"));
            new Converter(files, DType.F32).toFolder(temp.resolve("plain"));
            new Converter(files, null).toSingleFile(temp.resolve("single.safetensors"));
            try (CheckpointFiles copy = CheckpointFiles.open(temp.resolve("copy"));
                    CheckpointFiles plain = CheckpointFiles.open(temp.resolve("plain"));
                    CheckpointFiles single = CheckpointFiles.open(temp.resolve("single.safetensors"))) {
                Scopes.run(() -> {
                    Quantized stored =
                            Objects.requireNonNull(copy.weights("unet").quantized("conv_out.weight", 4, 8, 3, 3));
                    assertThat(stored.bits()).isEqualTo(4);
                    assertThat(copy.config("unet")).isEqualTo(files.config("unet"));
                    assertThat(plain.weights("unet").quantized("conv_out.weight", 4, 8, 3, 3))
                            .isNull();
                    assertThat(plain.config("unet").has("quantization_config")).isFalse();
                    float[] weight = Ops.floats(files.tensor("unet", "conv_out.weight"));
                    assertThat(Ops.floats(copy.tensor("unet", "conv_out.weight")))
                            .containsExactly(weight);
                    assertThat(Ops.floats(plain.tensor("unet", "conv_out.weight")))
                            .containsExactly(weight);
                    assertThat(Ops.floats(single.tensor("unet", "conv_out.weight")))
                            .containsExactly(weight);
                });
            }
        }
    }

    /** What one tensor of the original code's layout is, is several here, or has another shape. */
    @Test
    void shapesOfOtherLayoutsKeepTheScales() {
        Scopes.run(() -> {
            Quantized fused = Quantized.of(Ops.of(new float[] {127, 1, 254, 4, 381, 9}, 3, 2), 8);
            Quantized second = Objects.requireNonNull(Shaping.FUSE.read(fused, 1, 3));
            assertThat(Ops.floats(second.dequantised())).containsExactly(254, 4);
            Quantized pointwise = Quantized.of(Ops.of(new float[] {127, 1, 254, 4}, 2, 2, 1, 1), 8);
            Quantized matrix = Objects.requireNonNull(Shaping.POINTWISE.read(pointwise, 0, 1));
            assertThat(Ops.shape(matrix.values())).containsExactly(2, 2);
            assertThat(Ops.floats(matrix.dequantised())).containsExactly(127, 1, 254, 4);
            assertThat(Shaping.TRANSPOSE.read(fused, 0, 1)).isNull();
        });
    }

    /** A single file of the original code with a fused projection in whole numbers. */
    @Test
    void aSingleFileMayBeQuantised() {
        Path plain = temp.resolve("plain.safetensors");
        Path file = temp.resolve("int8.safetensors");
        try (CheckpointFiles files = CheckpointFiles.open(folder)) {
            new Converter(files, null).toSingleFile(plain);
        }
        String name = "model.diffusion_model.out.2.weight";
        Scopes.run(() -> {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            try (Safetensors stored = Safetensors.open(plain)) {
                stored.keys().forEach(key -> tensors.put(key, stored.tensor(key)));
                Quantized out = Quantized.of(stored.tensor(name), 8);
                tensors.put(name, QuantizedWeights.pack(out));
                tensors.put(name + "_scale", out.scales());
                SafetensorsWriter.of(tensors).write(file);
                try (CheckpointFiles got = CheckpointFiles.open(file)) {
                    assertThat(Ops.floats(got.tensor("unet", "conv_out.weight")))
                            .containsExactly(Ops.floats(out.dequantised()));
                    assertThat(got.weights("unet").quantized("conv_out.weight", 4, 8, 3, 3))
                            .isNotNull();
                }
            }
        });
    }

    @Test
    void aScaleThatIsMissingIsNamed() {
        Path file = quantized(8).resolve("unet/diffusion_pytorch_model.safetensors");
        rewrite(file, tensors -> tensors.remove("conv_out.weight_scale"));
        assertThatThrownBy(() ->
                        CheckpointFiles.open(file.resolve("../..").normalize()).close())
                .isInstanceOf(WeightsException.class)
                .hasMessage(
                        file + ": tensor [conv_out.weight]: is I8, but its scale [conv_out.weight_scale] is missing");
    }

    @Test
    void aWeightThatIsNotFiniteIsNamed() {
        Path file = folder.resolve("unet/diffusion_pytorch_model.safetensors");
        rewrite(file, tensors -> {
            float[] values = Ops.floats(Objects.requireNonNull(tensors.get("conv_out.weight")));
            values[3] = Float.NaN;
            tensors.put("conv_out.weight", Ops.of(values, 4, 8, 3, 3));
        });
        assertThatThrownBy(() -> quantized(8))
                .isInstanceOf(WeightsException.class)
                .hasMessage(file + ": tensor [conv_out.weight]: holds a value that is not finite");
    }

    private static void rewrite(Path file, Consumer<Map<String, Tensor>> change) {
        Scopes.run(() -> {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            try (Safetensors stored = Safetensors.open(file)) {
                stored.keys().forEach(key -> tensors.put(key, stored.tensor(key).clone()));
            }
            change.accept(tensors);
            SafetensorsWriter.of(tensors).write(file);
        });
    }
}
