package dev.latente.training.losses;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.latente.golden.Golden;
import dev.latente.golden.GoldenCase;
import dev.latente.tensor.Autograd;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** The losses of a generator and its discriminator. */
@Tag("golden")
public class AdversarialGoldenTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("train", AdversarialGoldenTest::takes, AdversarialGoldenTest::check);
    }

    public static boolean takes(GoldenCase c) {
        return c.json().path("tensors").has("d_hinge");
    }

    private static void check(GoldenCase c) {
        Tensor real = c.tensor("real_logits");
        Tensor fake = c.tensor("fake_logits");
        c.assertClose("d_hinge", Adversarial.discriminatorHinge(real, fake));
        c.assertClose("g_hinge", Adversarial.generatorHinge(fake));
        c.assertClose("d_nonsaturating", Adversarial.discriminatorNonSaturating(real, fake));
        c.assertClose("g_nonsaturating", Adversarial.generatorNonSaturating(fake));

        NoiseLevels levels = NoiseLevels.of(Learner.schedule(c, false), c.tensor("distillation_weight.t"));
        c.assertClose("distillation_weight.alpha", levels.alpha());
        c.assertClose("distillation_weight.alpha_sq", levels.alpha().square());

        Tensor w1 = c.tensor("r1.w1");
        Tensor w2 = c.tensor("r1.w2").clone().set_requires_grad(true);
        Tensor penalty = Adversarial.r1(
                x -> Functional.conv2d(leakyRelu(Functional.conv2d(x, w1, null, 1, 1)), w2, null, 1, 1),
                c.tensor("r1.x"));
        c.assertClose("r1.penalty", penalty);

        // The penalty is quadratic in the last layer, so its derivative along that layer is twice the penalty (Euler).
        Tensor derivative = Autograd.gradients(penalty, List.of(w2)).get(0);
        double expected = 2 * penalty.item_double();
        assertThat(derivative.mul(w2).sum().item_double()).isCloseTo(expected, within(1e-4 * expected));
    }

    private static Tensor leakyRelu(Tensor x) {
        return x.relu().sub(Ops.mul(x.neg().relu(), 0.2));
    }
}
