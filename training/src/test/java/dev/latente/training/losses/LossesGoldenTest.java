package dev.latente.training.losses;

import dev.latente.diffusion.NoiseSchedule;
import dev.latente.diffusion.Prediction;
import dev.latente.golden.Golden;
import dev.latente.golden.GoldenCase;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.tensor.Autograd;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Targets, weights, losses and gradients of latent diffusion. */
@Tag("golden")
public class LossesGoldenTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("train", LossesGoldenTest::takes, LossesGoldenTest::check);
    }

    public static boolean takes(GoldenCase c) {
        return c.json().has("runs") && c.json().has("betas");
    }

    private static void check(GoldenCase c) {
        c.names().stream()
                .filter(n -> n.startsWith("schedule.") && n.endsWith(".snr"))
                .map(n -> n.substring(0, n.length() - "snr".length()))
                .forEach(prefix -> check(c, prefix, Learner.schedule(c, prefix.contains("zero_terminal_snr"))));
        c.json().path("runs").forEach(run -> Scopes.run(() -> check(c, run)));
    }

    private static void check(GoldenCase c, String prefix, NoiseSchedule schedule) {
        c.assertClose(prefix + "alphas_cumprod", Ops.of(schedule.alphasCumprod(), schedule.trainTimesteps()));
        NoiseLevels levels = NoiseLevels.of(schedule, Ops.range(schedule.trainTimesteps()));
        c.assertClose(prefix + "snr", levels.snr());
    }

    private static void check(GoldenCase c, JsonNode run) {
        String name = run.path("name").asString() + ".";
        Prediction prediction = Learner.prediction(run.path("pred").asString("epsilon"));
        Tensor timesteps = c.tensor(name + "timesteps");
        NoiseLevels levels =
                NoiseLevels.of(Learner.schedule(c, run.path("ztsnr").asBoolean(false)), timesteps);

        Tensor x0 = c.tensor("in.latents");
        Tensor noise = noise(c, run);
        Tensor noisy = levels.noised(x0, perturbed(c, run, noise));
        Tensor target = levels.target(prediction, x0, noise);
        c.assertClose(name + "noisy", noisy);
        c.assertClose(name + "target", target);

        try (Learner<UNet2DCondition> unet = Learner.unet(c, "model")) {
            Tensor output = Learner.predict(unet, noisy, timesteps, c.tensor("in.encoder_hidden_states"));
            Tensor loss;
            if (run.has("snr")) {
                double gamma = run.path("snr").asDouble();
                Tensor weights = SnrWeights.minSnr(prediction, levels.snr(), gamma);
                c.assertClose(name + "loss_weights", weights);
                loss = SquaredError.weighted(output, target, weights);
            } else {
                loss = SquaredError.mean(output, target);
            }
            Autograd.backward(loss);
            c.assertClose(name + "model_pred", output);
            c.assertClose(name + "loss", loss);
            unet.assertGradients(c, name);
            unet.assertNorms(c, run);
        }
    }

    private static Tensor noise(GoldenCase c, JsonNode run) {
        Tensor noise = c.tensor("in.noise");
        return run.has("offset")
                ? TrainingNoise.offset(
                        noise, c.tensor("in.offset_noise"), run.path("offset").asDouble())
                : noise;
    }

    private static Tensor perturbed(GoldenCase c, JsonNode run, Tensor noise) {
        return run.has("perturb")
                ? TrainingNoise.perturbed(
                        noise,
                        c.tensor("in.perturbation_noise"),
                        run.path("perturb").asDouble())
                : noise;
    }
}
