package dev.latente.training.losses;

import dev.latente.diffusion.NoiseSchedule;
import dev.latente.diffusion.Prediction;
import dev.latente.diffusion.SchedulerConfig;
import dev.latente.golden.Golden;
import dev.latente.golden.GoldenCase;
import dev.latente.tensor.Ops;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Targets, weights and losses of latent diffusion. */
@Tag("golden")
class LossesGoldenTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("train", LossesGoldenTest::takes, LossesGoldenTest::check);
    }

    static boolean takes(GoldenCase c) {
        return c.json().has("runs") && c.json().has("betas");
    }

    private static void check(GoldenCase c) {
        check(c, "schedule.scaled_linear.", schedule(c, false));
        check(c, "schedule.zero_terminal_snr.", schedule(c, true));
        c.json().path("runs").forEach(run -> check(c, run));
    }

    private static void check(GoldenCase c, String prefix, NoiseSchedule schedule) {
        c.assertClose(prefix + "alphas_cumprod", Ops.of(schedule.alphasCumprod(), schedule.trainTimesteps()));
        NoiseLevels levels = NoiseLevels.of(schedule, Ops.range(schedule.trainTimesteps()));
        c.assertClose(prefix + "snr", levels.snr());
    }

    private static void check(GoldenCase c, JsonNode run) {
        String name = run.path("name").asString() + ".";
        Prediction prediction = prediction(run);
        NoiseLevels levels =
                NoiseLevels.of(schedule(c, run.path("ztsnr").asBoolean(false)), c.tensor(name + "timesteps"));

        Tensor x0 = c.tensor("in.latents");
        Tensor noise = c.tensor("in.noise");
        if (run.has("offset")) {
            noise = TrainingNoise.offset(
                    noise, c.tensor("in.offset_noise"), run.path("offset").asDouble());
        }
        Tensor mixed = run.has("perturb")
                ? TrainingNoise.perturbed(
                        noise,
                        c.tensor("in.perturbation_noise"),
                        run.path("perturb").asDouble())
                : noise;
        Tensor target = levels.target(prediction, x0, noise);
        c.assertClose(name + "noisy", levels.noised(x0, mixed));
        c.assertClose(name + "target", target);

        Tensor output = c.tensor(name + "model_pred");
        if (run.has("snr")) {
            Tensor weights =
                    SnrWeights.minSnr(prediction, levels.snr(), run.path("snr").asDouble());
            c.assertClose(name + "loss_weights", weights);
            c.assertClose(name + "loss", SquaredError.weighted(output, target, weights));
        } else {
            c.assertClose(name + "loss", SquaredError.mean(output, target));
        }
    }

    private static Prediction prediction(JsonNode run) {
        return Prediction.of(new SchedulerConfig(
                "DDPMScheduler", Map.of("prediction_type", run.path("pred").asString("epsilon"))));
    }

    /** Of such as {@code scaled_linear 0.00085..0.012, 1000 steps}. */
    private static NoiseSchedule schedule(GoldenCase c, boolean zeroTerminalSnr) {
        String[] words = c.json().path("betas").asString().split("\\s+|\\.\\.|,\\s*", -1);
        return NoiseSchedule.of(new SchedulerConfig(
                "DDPMScheduler",
                Map.of(
                        "beta_schedule", words[0],
                        "beta_start", Double.parseDouble(words[1]),
                        "beta_end", Double.parseDouble(words[2]),
                        "num_train_timesteps", Integer.parseInt(words[3]),
                        "rescale_betas_zero_snr", zeroTerminalSnr)));
    }
}
