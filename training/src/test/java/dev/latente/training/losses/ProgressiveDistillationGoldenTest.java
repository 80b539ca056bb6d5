package dev.latente.training.losses;

import dev.latente.diffusion.Prediction;
import dev.latente.golden.Golden;
import dev.latente.golden.GoldenCase;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.tensor.Autograd;
import dev.latente.tensor.Scopes;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** One step of a student against two of its teacher, whose copy it starts as. */
@Tag("golden")
public class ProgressiveDistillationGoldenTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests(
                "train", ProgressiveDistillationGoldenTest::takes, ProgressiveDistillationGoldenTest::check);
    }

    public static boolean takes(GoldenCase c) {
        return c.json().has("student_steps");
    }

    private static void check(GoldenCase c) {
        c.names().stream()
                .filter(n -> n.endsWith(".x_target"))
                .map(n -> n.substring(0, n.indexOf('.')))
                .forEach(prediction -> Scopes.run(() -> check(c, prediction)));
    }

    private static void check(GoldenCase c, String name) {
        Prediction prediction = Learner.prediction(name);
        Tensor states = c.tensor("in.encoder_hidden_states");
        Tensor t = c.tensor("in.t");
        Tensor tMid = c.tensor("in.t_mid");
        NoiseLevels from = levels(c, t);
        NoiseLevels mid = levels(c, tMid);
        NoiseLevels to = levels(c, c.tensor("in.t_end"));
        Tensor z = from.noised(c.tensor("in.latents"), c.tensor("in.noise"));
        c.assertClose(name + ".z", z);
        try (Learner<UNet2DCondition> unet = Learner.unet(c, "model")) {
            Tensor target = Autograd.without(() -> {
                Tensor zMid = from.ddim(prediction, z, Learner.predict(unet, z, t, states), mid);
                Tensor zEnd = mid.ddim(prediction, zMid, Learner.predict(unet, zMid, tMid, states), to);
                c.assertClose(name + ".z_mid", zMid);
                c.assertClose(name + ".z_end", zEnd);
                return ProgressiveDistillation.target(from, z, to, zEnd);
            });
            c.assertClose(name + ".x_target", target);
            c.assertClose(name + ".weight", SnrWeights.truncated(from.snr()));

            Tensor student = from.sample(prediction, z, Learner.predict(unet, z, t, states));
            Tensor loss = ProgressiveDistillation.loss(student, target, from);
            Autograd.backward(loss);
            c.assertClose(name + ".student_x", student);
            c.assertClose(name + ".loss", loss);
            unet.assertGradients(c, name + ".");
        }
    }

    private static NoiseLevels levels(GoldenCase c, Tensor timesteps) {
        return NoiseLevels.of(Learner.schedule(c, false), timesteps);
    }
}
