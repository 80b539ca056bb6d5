package dev.latente.training;

import dev.latente.golden.Golden;
import dev.latente.golden.GoldenCase;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConditioning;
import dev.latente.models.unet.UNetConfig;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.training.losses.Learner;
import dev.latente.weights.Json;
import dev.latente.weights.Safetensors;
import dev.latente.weights.TensorFile;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import dev.latente.weights.lora.Lora;
import dev.latente.weights.lora.LoraFile;
import dev.latente.weights.lora.LowRank;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** A LoRA of a U-Net: A and B learn, the weights that they change do not. */
@Tag("golden")
class LoraGoldenTest {
    private static final String A = ".A";
    private static final String B = ".B";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("train", LoraGoldenTest::takes, this::check);
    }

    static boolean takes(GoldenCase c) {
        return c.json().has("lora_alpha");
    }

    private void check(GoldenCase c) {
        Path model = c.path(c.json().path("model").asString());
        try (Arena arena = new Arena();
                TensorFile file = Safetensors.open(model.resolve("diffusion_pytorch_model.safetensors"))) {
            WeightSource frozen = WeightSources.cast(file, DType.F32, Device.CPU);
            Map<String, Tensor> initial = tensors(read(c, "initial", file, arena));
            Map<String, Tensor> expected = tensors(read(c, "final", file, arena));
            Map<String, long[]> shapes = new LinkedHashMap<>();
            initial.forEach((name, x) -> shapes.put(name, Ops.shape(x)));
            try (Parameters parameters = new Parameters(shapes, source(initial), Device.CPU)) {
                Task task = (weights, turn) -> Task.Loss.of(Learner.noiseError(
                        c,
                        merged(c, frozen, weights, shapes),
                        Learner.Batch.of(c, turn.step()),
                        c.tensor("in.encoder_hidden_states").select(0, turn.step())));
                long steps = c.json().path("steps").asLong();
                Recorded recorded = Recorded.run(folder, Recorded.config(c, steps, 1), parameters, task, step -> {});
                c.assertClose("loss", recorded.losses());
                parameters
                        .named(parameters.values())
                        .forEach((name, x) -> c.assertClose(name, x, Objects.requireNonNull(expected.get(name))));

                WeightSource trained = merged(c, frozen, parameters.source(parameters.values(), DType.F32), shapes);
                UNet2DCondition unet = new UNet2DCondition(
                        Params.of(trained, arena), UNetConfig.of(Json.read(model.resolve("config.json"))));
                Learner.Batch batch = Learner.Batch.of(c, 0);
                Tensor states = c.tensor("in.encoder_hidden_states").select(0, 0);
                c.assertClose(
                        "final_unet_output",
                        unet.forward(batch.latents(), batch.timesteps(), UNetConditioning.text(states)));
            }
        }
    }

    private static Lora read(GoldenCase c, String name, TensorFile unet, Arena arena) {
        return Lora.of(Objects.requireNonNull(
                LoraFile.read(c.path(name), Map.of("unet", unet.keys()), arena).get("unet")));
    }

    private static Map<String, Tensor> tensors(Lora lora) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        lora.layers().forEach((name, layer) -> {
            tensors.put(name + A, layer.a());
            tensors.put(name + B, layer.b());
        });
        return tensors;
    }

    /** The U-Net's weights with a LoRA of the weights that learn; the case's scale is alpha / rank. */
    private static WeightSource merged(
            GoldenCase c, WeightSource frozen, WeightSource learning, Map<String, long[]> shapes) {
        Map<String, LowRank> layers = new LinkedHashMap<>();
        shapes.forEach((name, shape) -> {
            if (name.endsWith(A)) {
                String layer = name.substring(0, name.length() - A.length());
                layers.put(
                        layer,
                        new LowRank(
                                learning.get(name, shape),
                                learning.get(layer + B, Objects.requireNonNull(shapes.get(layer + B))),
                                c.json().path("lora_alpha").asDouble()));
            }
        });
        return Lora.withLora(frozen, new Lora(layers), 1);
    }

    private static WeightSource source(Map<String, Tensor> tensors) {
        return new WeightSource() {
            @Override
            public Set<String> keys() {
                return tensors.keySet();
            }

            @Override
            public Tensor get(String key, long... shape) {
                return Objects.requireNonNull(tensors.get(key));
            }
        };
    }
}
