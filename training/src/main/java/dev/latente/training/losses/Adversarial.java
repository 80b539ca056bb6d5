package dev.latente.training.losses;

import dev.latente.tensor.Autograd;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/** Losses of a generator and of the discriminator that judges it by logits of any shape; each is a scalar. */
public final class Adversarial {
    private Adversarial() {}

    /** Hinge loss of the discriminator (Lim and Ye 2017, section 2.2). */
    public static Tensor discriminatorHinge(Tensor real, Tensor fake) {
        return Ops.add(real.neg(), 1).relu().mean().add(Ops.add(fake, 1).relu().mean());
    }

    /** What goes with {@link #discriminatorHinge}. */
    public static Tensor generatorHinge(Tensor fake) {
        return fake.mean().neg();
    }

    /** Cross entropy of the discriminator (Goodfellow et al. 2014, equation 1). */
    public static Tensor discriminatorNonSaturating(Tensor real, Tensor fake) {
        return Functional.softplus(real.neg())
                .mean()
                .add(Functional.softplus(fake).mean());
    }

    /** What goes with {@link #discriminatorNonSaturating}, with gradients where the generator is bad (Goodfellow et al. 2014, section 3). */
    public static Tensor generatorNonSaturating(Tensor fake) {
        return Functional.softplus(fake.neg()).mean();
    }

    /**
     * How steep the discriminator is at real pictures: the mean of the gradient's squared norm (Mescheder et al. 2018, equation
     * 9, without γ/2). It can be differentiated by the discriminator's weights.
     *
     * @param real pictures [B,...]
     */
    public static Tensor r1(UnaryOperator<Tensor> discriminator, Tensor real) {
        Tensor x = real.detach().set_requires_grad(true);
        Tensor gradient =
                Autograd.gradients(discriminator.apply(x).sum(), List.of(x)).get(0);
        return gradient.square().flatten(1, -1).sum(1).mean();
    }

    /**
     * How far the student's pictures are from the teacher's, where little noise counts most (Sauer et al. 2023, section 3.3, with
     * c(t) = α); the teacher is not differentiated.
     *
     * @param student pictures [B,...]
     * @param teacher its pictures from the student's, noised to {@code levels} [B,...]
     */
    public static Tensor distillation(Tensor student, Tensor teacher, NoiseLevels levels) {
        return SquaredError.weighted(student, teacher.detach(), levels.alpha());
    }
}
