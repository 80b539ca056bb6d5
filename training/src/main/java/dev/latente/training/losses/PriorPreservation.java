package dev.latente.training.losses;

import dev.latente.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/** The loss of DreamBooth (Ruiz et al. 2023, section 3.2): a batch of pictures of the subject, then as many of its class. */
public final class PriorPreservation {
    private PriorPreservation() {}

    /** prediction and target [2B,...] -> subject's error + weight · class's error, a scalar. */
    public static Tensor of(Tensor prediction, Tensor target, double weight) {
        return Ops.addScaled(subject(prediction, target), prior(prediction, target), weight);
    }

    /** As {@link #of(Tensor, Tensor, double)}, of the samples' errors [2B] -> a scalar. */
    public static Tensor of(Tensor errors, double weight) {
        Tensor[] halves = Ops.chunk(errors, 2, 0);
        return Ops.addScaled(halves[0].mean(), halves[1].mean(), weight);
    }

    /** Error of the first half, a scalar. */
    public static Tensor subject(Tensor prediction, Tensor target) {
        return SquaredError.mean(Ops.chunk(prediction, 2, 0)[0], Ops.chunk(target, 2, 0)[0]);
    }

    /** Error of the second half, a scalar. */
    public static Tensor prior(Tensor prediction, Tensor target) {
        return SquaredError.mean(Ops.chunk(prediction, 2, 0)[1], Ops.chunk(target, 2, 0)[1]);
    }
}
