package dev.latente.nn;

import dev.latente.tensor.Functional;
import org.bytedeco.pytorch.Tensor;

/** Layer normalisation of the last dimension (Ba et al. 2016). Keys: {@code weight} [d], {@code bias} [d]. */
public final class LayerNorm {
    private final Tensor weight; // [d]
    private final Tensor bias; // [d]
    private final double eps;

    public LayerNorm(Params p, long size, double eps) {
        weight = p.get("weight", size);
        bias = p.get("bias", size);
        this.eps = eps;
    }

    /** x [...,d] -> the same shape. */
    public Tensor forward(Tensor x) {
        return Functional.layerNorm(x, weight, bias, eps);
    }
}
