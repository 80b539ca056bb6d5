package dev.latente.tensor;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** The one entry point for attention: picks the kernel that is good for the device and the dtype. */
public final class Attention {
    private Attention() {}

    /**
     * Scaled dot product attention (Vaswani et al. 2017, section 3.2.1). q [B,h,n,d], k and v [B,h,m,d] -> [B,h,n,d].
     *
     * @param mask added to the scores, broadcast to [B,h,n,m], or null
     * @param causal whether position i sees only positions up to i
     * @param scale factor of the scores; 0 means 1/√d
     */
    public static Tensor attend(Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, boolean causal, double scale) {
        if (causal && mask != null) {
            return Ops.scaledDotProduct(q, k, v, mask.add(causalMask(q, k.size(2))), false, scale);
        }
        return Ops.scaledDotProduct(q, k, v, mask, causal, scale);
    }

    /** x [B,n,heads·d] -> [B,heads,n,d], a view. */
    public static Tensor splitHeads(Tensor x, long heads) {
        return x.unflatten(-1, heads, x.size(-1) / heads).transpose(1, 2);
    }

    /** x [B,h,n,d] -> [B,n,h·d]. */
    public static Tensor mergeHeads(Tensor x) {
        return x.transpose(1, 2).flatten(2, -1);
    }

    /** keep [B,m], 0 for the keys that nobody may see -> mask [B,1,1,m] of the dtype and on the device of x. */
    public static Tensor keyMask(Tensor keep, Tensor x) {
        Tensor zeros = Ops.zeros(Ops.dtype(x), Ops.device(x), keep.size(0), 1, 1, keep.size(1));
        Tensor hidden = Ops.to(keep, Ops.device(x)).logical_not().unsqueeze(1).unsqueeze(1); // [B,1,1,m]
        try (Scalar never = new Scalar(Double.NEGATIVE_INFINITY)) {
            return zeros.masked_fill(hidden, never);
        }
    }

    /** q [B,h,n,d] -> mask [n,m] that hides the keys after each query. */
    private static Tensor causalMask(Tensor q, long keys) {
        return Ops.full(Double.NEGATIVE_INFINITY, Ops.dtype(q), Ops.device(q), q.size(2), keys)
                .triu(1);
    }
}
