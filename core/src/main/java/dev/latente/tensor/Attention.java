package dev.latente.tensor;

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
        return Ops.scaledDotProduct(q, k, v, mask, causal, scale);
    }
}
