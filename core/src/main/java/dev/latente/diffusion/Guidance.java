package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import java.util.stream.LongStream;
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
     * section 3.4); each picture of [B,…] for itself.
     */
    public static Tensor rescale(Tensor guided, Tensor conditional, double share) {
        long[] perPicture = LongStream.range(1, guided.dim()).toArray();
        Tensor factor = conditional.std(perPicture, true, true).div(guided.std(perPicture, true, true));
        return Ops.combine(share, guided.mul(factor), 1 - share, guided);
    }

    /**
     * The scale inside an interval of the run, as fractions of its calls, and 1 outside, where guidance does harm
     * (Kynkäänniemi et al. 2024).
     */
    public static double scaleWithin(double scale, double from, double to, int call, int calls) {
        double place = (double) call / calls;
        return from <= place && place < to ? scale : 1;
    }
}
