package dev.latente.training.losses;

import dev.latente.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/** Changes to the noise of a training batch. */
public final class TrainingNoise {
    private TrainingNoise() {}

    /**
     * Noise whose mean varies, so that a model learns to make pictures darker or brighter as a whole (Guttenberg 2023,
     * "Diffusion with offset noise"); it is the target, too.
     *
     * @param noise [B,C,H,W]
     * @param perChannel standard normal numbers [B,C,1,1]
     */
    public static Tensor offset(Tensor noise, Tensor perChannel, double strength) {
        return Ops.addScaled(noise, perChannel, strength);
    }

    /**
     * Noise to make the model's input with, while the target stays the noise that is given: the model sees errors such as its own
     * (Ning et al. 2023, algorithm 1).
     *
     * @param other standard normal numbers of the same shape
     */
    public static Tensor perturbed(Tensor noise, Tensor other, double strength) {
        return Ops.addScaled(noise, other, strength);
    }
}
