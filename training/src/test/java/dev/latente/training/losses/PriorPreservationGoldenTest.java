package dev.latente.training.losses;

import dev.latente.diffusion.Prediction;
import dev.latente.golden.Golden;
import dev.latente.golden.GoldenCase;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.tensor.Autograd;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** DreamBooth's loss and its gradients. */
@Tag("golden")
public class PriorPreservationGoldenTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("train", PriorPreservationGoldenTest::takes, PriorPreservationGoldenTest::check);
    }

    public static boolean takes(GoldenCase c) {
        return c.json().has("prior_loss_weight");
    }

    private static void check(GoldenCase c) {
        Tensor x0 = c.tensor("in.latents");
        Tensor noise = c.tensor("in.noise");
        Tensor timesteps = c.tensor("in.timesteps");
        NoiseLevels levels = NoiseLevels.of(Learner.schedule(c, false), timesteps);
        try (Learner<UNet2DCondition> unet = Learner.unet(c, "model")) {
            Tensor output =
                    Learner.predict(unet, levels.noised(x0, noise), timesteps, c.tensor("in.encoder_hidden_states"));
            Tensor target = levels.target(Prediction.EPSILON, x0, noise);
            Tensor loss = PriorPreservation.of(
                    output, target, c.json().path("prior_loss_weight").asDouble());
            Autograd.backward(loss);
            c.assertClose("instance_loss", PriorPreservation.subject(output, target));
            c.assertClose("prior_loss", PriorPreservation.prior(output, target));
            c.assertClose("loss", loss);
            unet.assertGradients(c, "");
            unet.assertNorms(c, c.json());
        }
    }
}
