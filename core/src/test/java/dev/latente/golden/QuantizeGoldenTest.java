package dev.latente.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConfig;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.weights.Json;
import dev.latente.weights.Quantized;
import dev.latente.weights.TensorFile;
import dev.latente.weights.TensorFiles;
import dev.latente.weights.TensorInfo;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import dev.latente.weights.compression.Layers;
import dev.latente.weights.compression.Pruning;
import dev.latente.weights.compression.Quantization;
import dev.latente.weights.compression.RelativeError;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Quantised and pruned U-Nets: whole numbers, scales and masks to the last bit, outputs at the case's tolerance. */
@Tag("golden")
class QuantizeGoldenTest {
    /** Relative, of sums over exact numbers: what fp32 leaves in another order. */
    private static final double ROUNDING = 1e-4;

    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("quantize", c -> new Case(c).check());
    }

    /** A case and the folder of its model. */
    private record Case(GoldenCase c, Path model) {
        Case(GoldenCase c) {
            this(c, c.path(c.json().path("model").asString()));
        }

        void check() {
            try (TensorFile file = TensorFiles.open(model.resolve("diffusion_pytorch_model.safetensors"))) {
                WeightSource weights = WeightSources.cast(file, DType.F32, Device.CPU);
                Map<String, TensorInfo> layers = new LinkedHashMap<>(file.tensors());
                layers.values().removeIf(t -> !Layers.has(t.name(), t.shape()));
                c.assertClose("reference", output(weights), c.tensor("reference"));
                c.json().path("results").properties().forEach(result -> {
                    WeightSource changed = result.getKey().startsWith("int")
                            ? quantised(result.getKey(), result.getValue(), weights, layers)
                            : pruned(result.getKey(), result.getValue(), weights, layers);
                    Scopes.run(() -> {
                        Tensor output = output(changed);
                        c.assertClose(result.getKey(), output, c.tensor(result.getKey() + ".output"));
                        double error =
                                result.getValue().path("relative_output_error").asDouble();
                        // A quotient of outputs, each of which may be off by the tolerance.
                        assertThat(RelativeError.of(c.tensor("reference"), output))
                                .isCloseTo(error, within(c.atol() + c.rtol() * error));
                    });
                });
            }
            if (c.has("rounding.w")) {
                Quantized rounded = Quantized.of(c.tensor("rounding.w"), 8);
                assertSame("rounding.q", c.tensor("rounding.q"), rounded.values());
                assertSame("rounding.scale", c.tensor("rounding.scale"), rounded.scales());
            }
        }

        private Tensor output(WeightSource weights) {
            return Scopes.keep(() -> {
                try (Arena arena = new Arena()) {
                    Params params = Params.of(weights, arena);
                    UNet2DCondition unet =
                            new UNet2DCondition(params, UNetConfig.of(Json.read(model.resolve("config.json"))));
                    params.requireAllUsed();
                    return unet.forward(
                            c.tensor("in.sample"),
                            c.tensor("in.timestep").reshape(-1),
                            UNetGoldenTest.conditioning(c, "in."));
                }
            });
        }

        private WeightSource quantised(
                String name, JsonNode expected, WeightSource weights, Map<String, TensorInfo> layers) {
            WeightSource quantised =
                    Quantization.of(Integer.parseInt(name.substring(3))).over(weights);
            assertThat(layers).hasSize(expected.path("layers").asInt());
            double error = 0;
            for (TensorInfo layer : layers.values()) {
                error += Scopes.within(() -> RelativeError.of(
                        weights.get(layer.name(), layer.dims()), quantised.get(layer.name(), layer.dims())));
            }
            double mean = expected.path("mean_relative_weight_error").asDouble();
            assertThat(error / layers.size()).isCloseTo(mean, within(ROUNDING * mean));
            String prefix = name + ".q.";
            List<String> stored =
                    c.names().stream().filter(n -> n.startsWith(prefix)).toList();
            assertThat(stored).isNotEmpty();
            stored.forEach(n -> Scopes.run(() -> {
                String weight = n.substring(prefix.length());
                Quantized got = Objects.requireNonNull(quantised.quantized(weight, Ops.shape(c.tensor(n))));
                assertSame(n, c.tensor(n), got.values());
                assertSame(n + ": scales", c.tensor(name + ".scale." + weight), got.scales());
            }));
            return quantised;
        }

        private WeightSource pruned(
                String name, JsonNode expected, WeightSource weights, Map<String, TensorInfo> layers) {
            double fraction =
                    expected.path("fraction").asDouble(c.json().path("fraction").asDouble());
            Map<String, List<Long>> shapes = new LinkedHashMap<>();
            layers.forEach((layer, info) -> shapes.put(layer, info.shape()));
            Pruning pruning = name.endsWith("global")
                    ? Pruning.global(weights, shapes, fraction)
                    : Pruning.perTensor(weights, shapes, fraction);
            WeightSource pruned = pruning.over(weights);
            Map<String, Long> zeros = new LinkedHashMap<>();
            layers.values()
                    .forEach(layer -> Scopes.run(() -> {
                        Tensor mask = pruned.get(layer.name(), layer.dims()).to(DType.BOOL.scalarType());
                        zeros.put(layer.name(), layer.elements() - mask.sum().item_long());
                        String key = "%s.mask.%s".formatted(name, layer.name());
                        if (c.has(key)) {
                            assertArrayEquals(Ops.longs(c.tensor(key)), Ops.longs(mask), key);
                        }
                    }));
            expected.path("tensors").properties().forEach(t -> {
                assertThat(zeros.get(t.getKey()))
                        .isEqualTo(t.getValue().path("pruned").asLong());
                assertThat(pruning.thresholds().get(t.getKey()))
                        .isEqualTo((float) t.getValue().path("threshold").asDouble());
            });
            assertThat(layers.values().stream().mapToLong(TensorInfo::elements).sum())
                    .isEqualTo(expected.path("weights").asLong());
            assertThat(zeros.values().stream().mapToLong(Long::longValue).sum())
                    .isEqualTo(expected.path("pruned").asLong());
            return pruned;
        }
    }

    private static void assertSame(String what, Tensor expected, Tensor got) {
        assertArrayEquals(Ops.shape(expected), Ops.shape(got), what + ": shape");
        assertThat(Ops.dtype(got)).as(what).isEqualTo(Ops.dtype(expected));
        assertArrayEquals(Ops.bytes(expected), Ops.bytes(got), what);
    }
}
