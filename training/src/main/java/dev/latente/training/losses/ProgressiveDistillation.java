package dev.latente.training.losses;

import org.bytedeco.pytorch.Tensor;

/** A student whose one DDIM step goes as far as two of its teacher's (Salimans and Ho 2022, section 3 and algorithm 2). */
public final class ProgressiveDistillation {
    private ProgressiveDistillation() {}

    /**
     * The picture that the student has to predict at z so that its step ends where the teacher's two end.
     *
     * @param z [B,...]
     * @param end where the teacher's steps ended [B,...]
     */
    public static Tensor target(NoiseLevels from, Tensor z, NoiseLevels to, Tensor end) {
        Tensor ratio = to.sigma().div(from.sigma());
        Tensor scale = to.alpha().sub(ratio.mul(from.alpha()));
        return end.sub(NoiseLevels.perSample(ratio, z).mul(z)).div(NoiseLevels.perSample(scale, z));
    }

    /** Error of the student's picture, weighted by max(α²/σ², 1), a scalar. */
    public static Tensor loss(Tensor student, Tensor target, NoiseLevels from) {
        return SquaredError.weighted(student, target, SnrWeights.truncated(from.snr()));
    }
}
