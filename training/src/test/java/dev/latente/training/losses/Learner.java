package dev.latente.training.losses;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.latente.diffusion.NoiseSchedule;
import dev.latente.diffusion.Prediction;
import dev.latente.diffusion.SchedulerConfig;
import dev.latente.golden.GoldenCase;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConditioning;
import dev.latente.models.unet.UNetConfig;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.training.Parameters;
import dev.latente.weights.Json;
import dev.latente.weights.Safetensors;
import dev.latente.weights.TensorFile;
import dev.latente.weights.WeightSource;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.databind.JsonNode;

/** A model of a reference case whose weights learn, and what the case says of their gradients. */
public final class Learner<M> implements AutoCloseable {
    private final Arena arena = new Arena();
    private final Parameters parameters;
    private final M model;

    /** @param folder with {@code config.json} and the weights */
    public Learner(Path folder, BiFunction<Params, JsonNode, M> constructor) {
        try (TensorFile file = Safetensors.open(folder.resolve("diffusion_pytorch_model.safetensors"))) {
            Map<String, long[]> shapes = new LinkedHashMap<>();
            file.tensors().forEach((name, info) -> shapes.put(name, info.dims()));
            parameters = new Parameters(shapes, file, Device.CPU);
        }
        Params params = Params.of(parameters.source(DType.F32), arena);
        model = constructor.apply(params, Json.read(folder.resolve("config.json")));
        params.requireAllUsed();
    }

    /** The U-Net that the case names. */
    public static Learner<UNet2DCondition> unet(GoldenCase c, String field) {
        return new Learner<>(
                c.path(c.json().path(field).asString()), (p, json) -> new UNet2DCondition(p, UNetConfig.of(json)));
    }

    /** What the U-Net predicts from noised latents and a text alone. */
    public static Tensor predict(Learner<UNet2DCondition> unet, Tensor x, Tensor timesteps, Tensor states) {
        return unet.model().forward(x, timesteps, UNetConditioning.text(states));
    }

    /** The error of the noise that a U-Net of these weights predicts. */
    public static Tensor noiseError(GoldenCase c, WeightSource weights, Batch batch, Tensor states) {
        NoiseLevels levels = NoiseLevels.of(schedule(c, false), batch.timesteps());
        Path config = c.path(c.json().path("model").asString()).resolve("config.json");
        try (Arena arena = new Arena()) {
            UNet2DCondition unet = new UNet2DCondition(Params.of(weights, arena), UNetConfig.of(Json.read(config)));
            Tensor output = unet.forward(
                    levels.noised(batch.latents(), batch.noise()), batch.timesteps(), UNetConditioning.text(states));
            return SquaredError.mean(output, levels.target(Prediction.EPSILON, batch.latents(), batch.noise()));
        }
    }

    /** What a U-Net is trained on in a step. */
    public record Batch(Tensor latents, Tensor noise, Tensor timesteps) {
        /** The inputs of a case that has some for each step. */
        public static Batch of(GoldenCase c, long step) {
            return new Batch(
                    c.tensor("in.latents").select(0, step),
                    c.tensor("in.noise").select(0, step),
                    c.tensor("in.timesteps").select(0, step));
        }
    }

    public M model() {
        return model;
    }

    public Parameters parameters() {
        return parameters;
    }

    public Tensor gradient(String name) {
        return Objects.requireNonNull(parameters.named(parameters.gradients()).get(name), name);
    }

    /** Compares every gradient that the case has under that name, and then forgets it. */
    public void assertGradients(GoldenCase c, String prefix) {
        String start = prefix + "grad.";
        assertThat(c.names()).anyMatch(n -> n.startsWith(start));
        c.names().stream()
                .filter(n -> n.startsWith(start))
                .forEach(n -> c.assertClose(n, gradient(n.substring(start.length()))));
    }

    /** Compares the norms of gradients that a run of the case has. */
    public void assertNorms(GoldenCase c, JsonNode run) {
        assertNorm(c, "grad_norm_total", parameters.gradients(), run.path("grad_norm_total"));
        run.path("grad_norms").forEachEntry((name, norm) -> assertNorm(c, name, gradient(name), norm));
    }

    private static void assertNorm(GoldenCase c, String what, Tensor gradient, JsonNode norm) {
        assertThat(gradient.norm().item_double())
                .as(what)
                .isCloseTo(norm.asDouble(), within(c.atol() + c.rtol() * norm.asDouble()));
    }

    /** Of such as {@code scaled_linear 0.00085..0.012, 1000 steps}, which is also what cases mean that say nothing. */
    public static NoiseSchedule schedule(GoldenCase c, boolean zeroTerminalSnr) {
        String[] words = c.json()
                .path("betas")
                .asString("scaled_linear 0.00085..0.012, 1000 steps")
                .split("\\s+|\\.\\.|,\\s*", -1);
        return NoiseSchedule.of(new SchedulerConfig(
                "DDPMScheduler",
                Map.of(
                        "beta_schedule", words[0],
                        "beta_start", Double.parseDouble(words[1]),
                        "beta_end", Double.parseDouble(words[2]),
                        "num_train_timesteps", Integer.parseInt(words[3]),
                        "rescale_betas_zero_snr", zeroTerminalSnr)));
    }

    public static Prediction prediction(String name) {
        return Prediction.of(new SchedulerConfig("DDPMScheduler", Map.of("prediction_type", name)));
    }

    @Override
    public void close() {
        arena.close();
        parameters.close();
    }
}
