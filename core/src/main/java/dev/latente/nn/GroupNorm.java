package dev.latente.nn;

import dev.latente.tensor.Functional;
import org.bytedeco.pytorch.Tensor;

/** Group normalisation (Wu and He 2018). Keys: {@code weight} [C], {@code bias} [C]. */
public final class GroupNorm {
    private final Tensor weight; // [C]
    private final Tensor bias; // [C]
    private final long groups;
    private final double eps;

    public GroupNorm(Params p, long groups, long channels, double eps) {
        weight = p.get("weight", channels);
        bias = p.get("bias", channels);
        this.groups = groups;
        this.eps = eps;
    }

    /** x [B,C,...] -> the same shape. */
    public Tensor forward(Tensor x) {
        return Functional.groupNorm(x, groups, weight, bias, eps);
    }
}
