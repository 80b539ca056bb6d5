package dev.latente.tensor;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** The one entry point for attention: picks the kernel that is good for the device and the dtype. */
public final class Attention {
    /** Scores of one step of {@link #chunked}: 512 rows of 4096 keys stay in the cache. */
    private static final long CHUNK = 1L << 21;

    private Attention() {}

    /**
     * Scaled dot product attention (Vaswani et al. 2017, section 3.2.1). q [B,h,n,d], k and v [B,h,m,d] -> [B,h,n,d]. A query
     * that may see no key gives zeros.
     *
     * @param mask added to the scores, broadcast to [B,h,n,m], or null
     * @param causal whether position i sees only positions up to i
     * @param scale factor of the scores; 0 means 1/√d
     */
    public static Tensor attend(Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, boolean causal, double scale) {
        return TensorException.profiled("self_attention", () -> attended(q, k, v, mask, causal, scale), q, k, v);
    }

    /** As {@link #attend}, over another sequence, such as a prompt; profiles tell the two apart. */
    public static Tensor attendAcross(Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, double scale) {
        return TensorException.profiled("cross_attention", () -> attended(q, k, v, mask, false, scale), q, k, v);
    }

    private static Tensor attended(Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, boolean causal, double scale) {
        if (causal && mask != null) {
            return attended(q, k, v, mask.add(causalMask(q, k.size(2))), false, scale);
        }
        if (!q.is_cpu()) {
            return Functional.scaledDotProduct(q, k, v, mask, causal, scale);
        }
        if (q.requires_grad() || k.requires_grad() || v.requires_grad()) {
            return differentiable(q, k, v, causal ? causalMask(q, k.size(2)) : mask, scale);
        }
        return switch (Ops.dtype(q)) {
            // The stock kernels for 16 bits are 10 to 35 times slower than this without MKL.
            case BF16 -> chunked(q, k, v, causal ? causalMask(q, k.size(2)) : mask, scale);
            case F16 ->
                Scopes.keep(() -> Ops.to(
                        Functional.scaledDotProduct(
                                Ops.to(q, DType.F32),
                                Ops.to(k, DType.F32),
                                Ops.to(v, DType.F32),
                                mask == null ? null : Ops.to(mask, DType.F32),
                                causal,
                                scale),
                        DType.F16));
            default -> Functional.scaledDotProduct(q, k, v, mask, causal, scale);
        };
    }

    /**
     * Exact attention of some rows of one head at a time. The scores of all rows never exist; those of one step go into memory
     * that the next one reuses, because fresh pages cost as much as the arithmetic.
     */
    static Tensor chunked(Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, double scale) {
        long heads = q.size(1);
        long n = q.size(2);
        long m = k.size(2);
        return Scopes.keep(() -> {
            Tensor scaled = Ops.mul(q, scale == 0 ? 1 / Math.sqrt((double) q.size(3)) : scale);
            if (q.size(0) * heads * n * m <= CHUNK) {
                return atOnce(scaled, k, v, mask);
            }
            Tensor bias = mask == null ? null : mask.expand(q.size(0), heads, n, m);
            // Laid out so that merging the heads is free.
            Tensor out = Ops.empty(Ops.dtype(q), Device.CPU, q.size(0), n, heads, v.size(3))
                    .transpose(1, 2);
            try (Chunks chunks = new Chunks(Ops.dtype(q), Math.max(1, Math.min(n, CHUNK / m)), m, v.size(3))) {
                for (long head = 0; head < q.size(0) * heads; head++) {
                    long b = head / heads;
                    long h = head % heads;
                    Scopes.run(() -> chunks.attend(
                            pick(scaled, b, h),
                            pick(k, b, h),
                            pick(v, b, h),
                            bias == null ? null : pick(bias, b, h),
                            pick(out, b, h)));
                }
            }
            return mask == null ? out : out.nan_to_num_();
        });
    }

    /** In plain operations, which differentiate fast on a CPU; the gradient of the stock kernel is ten times slower in 16 bits. */
    private static Tensor differentiable(Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, double scale) {
        Tensor scores = Ops.mul(q, scale == 0 ? 1 / Math.sqrt((double) q.size(3)) : scale)
                .matmul(k.transpose(2, 3)); // [B,h,n,m]
        Tensor out =
                Functional.softmax(mask == null ? scores : scores.add(mask)).matmul(v);
        return mask == null ? out : out.nan_to_num();
    }

    /** All heads in three operations, where their scores are few: starting threads for each costs more than its arithmetic. */
    private static Tensor atOnce(Tensor scaled, Tensor k, Tensor v, @Nullable Tensor mask) {
        Tensor scores = scaled.matmul(k.transpose(2, 3)); // [B,h,n,m]
        if (mask != null) {
            scores.add_(mask);
        }
        Functional.softmaxInto(scores, scores);
        Tensor out = scores.matmul(v);
        return mask == null ? out : out.nan_to_num_();
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

    /** x [B,h,n,d] -> [n,d] of one head. */
    private static Tensor pick(Tensor x, long batch, long head) {
        return x.select(0, batch).select(0, head);
    }
}
