package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/** Classifier-free guidance, on model outputs. */
public final class Guidance {
    private Guidance() {}

    /** unconditional + scale · (conditional - unconditional) (Ho and Salimans 2022, equation 6). */
    public static Tensor combine(Tensor unconditional, Tensor conditional, double scale) {
        return Ops.addScaled(unconditional, conditional.sub(unconditional), scale);
    }

    /**
     * Brings the guided output back to the standard deviation of the conditional one, by that share (Lin et al. 2023,
     * section 3.4). All [B,C,H,W].
     */
    public static Tensor rescale(Tensor guided, Tensor conditional, double share) {
        long[] perPicture = {1, 2, 3};
        Tensor factor = conditional.std(perPicture, true, true).div(guided.std(perPicture, true, true));
        return Ops.combine(share, guided.mul(factor), 1 - share, guided);
    }
}
