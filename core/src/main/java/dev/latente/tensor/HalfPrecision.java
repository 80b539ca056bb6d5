package dev.latente.tensor;

import org.bytedeco.pytorch.Tensor;

/**
 * Between fp16 and bf16, as models are stored and as they run. libtorch has vector code for each of them to fp32 and back, but
 * none from one to the other: the way over fp32, through a buffer that stays in the cache, gives the same in a fifth of the
 * time.
 */
final class HalfPrecision {
    /** Numbers at once: enough for all threads, and few enough for the cache. */
    static final long BLOCK = 1 << 20;

    private HalfPrecision() {}

    /** Whether libtorch would convert number by number, and there are enough of them for that to matter. */
    static boolean isSlow(Tensor x, DType dtype) {
        DType from = Ops.dtype(x);
        boolean halves = (from == DType.F16 && dtype == DType.BF16) || (from == DType.BF16 && dtype == DType.F16);
        return halves && x.is_cpu() && x.numel() >= BLOCK / 8 && !x.requires_grad() && x.is_contiguous();
    }

    /** The same values; x contiguous. */
    static Tensor to(Tensor x, DType dtype) {
        return Scopes.keep(() -> {
            Tensor buffer = Ops.empty(DType.F32, Device.CPU, Math.min(BLOCK, x.numel()));
            return into(Ops.empty(dtype, Device.CPU, Ops.shape(x)), x, buffer);
        });
    }

    /** Fills {@code out} with the values of x, of the same shape, both contiguous, by a buffer of {@link #BLOCK} fp32 numbers. */
    static Tensor into(Tensor out, Tensor x, Tensor buffer) {
        Scopes.run(() -> {
            long count = x.numel();
            Tensor from = x.view(count);
            Tensor to = out.view(count);
            for (long first = 0; first < count; first += BLOCK) {
                long begin = first;
                long length = Math.min(BLOCK, count - begin);
                Scopes.run(() -> {
                    Tensor block = buffer.narrow(0, 0, length).copy_(from.narrow(0, begin, length));
                    to.narrow(0, begin, length).copy_(block);
                });
            }
        });
        return out;
    }
}
