package dev.latente.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.latente.golden.Golden;
import dev.latente.golden.GoldenCase;
import dev.latente.models.controlnet.ControlNet;
import dev.latente.models.controlnet.ControlNetConfig;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConditioning;
import dev.latente.models.unet.UNetConfig;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.Autograd;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.training.losses.Learner;
import dev.latente.training.losses.NoiseLevels;
import dev.latente.training.losses.SquaredError;
import dev.latente.weights.Json;
import dev.latente.weights.Safetensors;
import dev.latente.weights.TensorFile;
import dev.latente.weights.WeightSources;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** A step of training a ControlNet beside a U-Net that stays as it is. */
@Tag("golden")
public class ControlNetGoldenTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("train", ControlNetGoldenTest::takes, ControlNetGoldenTest::check);
    }

    public static boolean takes(GoldenCase c) {
        return c.json().has("controlnet");
    }

    private static void check(GoldenCase c) {
        c.json().path("grad_norm_total").propertyNames().forEach(start -> check(c, start));
    }

    /** @param start {@code random}, or {@code zero_init} where the convolutions between the two networks are zero */
    private static void check(GoldenCase c, String start) {
        Path folder = c.path(c.json().path("controlnet").asString());
        ControlNetConfig config = ControlNetConfig.of(Json.read(folder.resolve("config.json")));
        try (Arena arena = new Arena();
                Learner<ControlNet> learner = new Learner<>(folder, (p, json) -> new ControlNet(p, config))) {
            Parameters parameters = learner.parameters();
            if (start.equals("zero_init")) {
                zero(c, parameters.named(parameters.values()));
            }
            ControlNet net = new ControlNet(Params.of(parameters.source(DType.F32), arena), config);
            Tensor prediction = predict(c, net, unet(c, arena));
            c.assertClose(start + ".model_pred", prediction);
            Tensor loss = SquaredError.mean(prediction, c.tensor("in.noise"));
            c.assertClose(start + ".loss", loss);
            Autograd.backward(loss);
            learner.assertGradients(c, start + ".");
            double norm = c.json().path("grad_norm_total").path(start).asDouble();
            assertThat(parameters.gradients().norm().item_double())
                    .as("norm of all gradients")
                    .isCloseTo(norm, within(c.atol() + c.rtol() * norm));
        }
    }

    private static void zero(GoldenCase c, Map<String, Tensor> weights) {
        c.json()
                .path("zeroed_modules")
                .forEach(module -> weights.forEach((name, weight) -> {
                    if (name.startsWith(module.asString() + ".")) {
                        weight.zero_();
                    }
                }));
    }

    private static Tensor predict(GoldenCase c, ControlNet net, UNet2DCondition unet) {
        Tensor timesteps = c.tensor("in.timesteps");
        Tensor noisy = NoiseLevels.of(Learner.schedule(c, false), timesteps)
                .noised(c.tensor("in.latents"), c.tensor("in.noise"));
        UNetConditioning text = UNetConditioning.text(c.tensor("in.encoder_hidden_states"));
        Tensor hint = net.hint(c.tensor("in.controlnet_cond"));
        return unet.forward(noisy, timesteps, text, net.forward(noisy, timesteps, text, hint));
    }

    private static UNet2DCondition unet(GoldenCase c, Arena arena) {
        Path folder = c.path(c.json().path("model").asString());
        try (TensorFile file = Safetensors.open(folder.resolve("diffusion_pytorch_model.safetensors"))) {
            Params params = Params.of(WeightSources.cast(file, DType.F32, Device.CPU), arena);
            return new UNet2DCondition(params, UNetConfig.of(Json.read(folder.resolve("config.json"))));
        }
    }
}
