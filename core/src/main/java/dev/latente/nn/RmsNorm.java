package dev.latente.nn;

import dev.latente.tensor.Functional;
import org.bytedeco.pytorch.Tensor;

/** Root mean square normalisation of the last dimension (Zhang and Sennrich 2019). Key: {@code weight} [d]. */
public final class RmsNorm {
    private final Tensor weight; // [d]
    private final double eps;

    public RmsNorm(Params p, long size, double eps) {
        weight = p.get("weight", size);
        this.eps = eps;
    }

    /** x [...,d] -> the same shape. */
    public Tensor forward(Tensor x) {
        return Functional.rmsNorm(x, weight, eps);
    }
}
