package dev.latente.nn;

import dev.latente.tensor.Functional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Affine map of the last dimension. Keys: {@code weight} [out,in], {@code bias} [out]. */
public final class Linear {
    private final Tensor weight; // [out,in]
    private final @Nullable Tensor bias; // [out]

    public Linear(Params p, long in, long out) {
        this(p, in, out, true);
    }

    public Linear(Params p, long in, long out, boolean withBias) {
        weight = p.get("weight", out, in);
        bias = withBias ? p.get("bias", out) : null;
    }

    private Linear(Tensor weight, @Nullable Tensor bias) {
        this.weight = weight;
        this.bias = bias;
    }

    /** The map that a 1x1 convolution makes at every position; its weight is stored as [out,in,1,1]. */
    public static Linear pointwise(Params p, long in, long out) {
        Tensor stored = p.get("weight", out, in, 1, 1);
        return new Linear(p.derive(() -> stored.view(out, in)), p.get("bias", out));
    }

    /** x [...,in] -> [...,out]. */
    public Tensor forward(Tensor x) {
        return Functional.linear(x, weight, bias);
    }
}
