package dev.latente.tensor;

import java.util.EnumMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Memory for weights on their way from a file into a layout, the same for one after the other: fresh memory costs more than
 * the arithmetic on it, and what stays then lies side by side. Not thread-safe before it is closed; after that, each weight
 * has memory of its own.
 */
public final class Workspace implements AutoCloseable {
    private enum Use {
        /** A block in fp32. */
        FP32(DType.F32.bytes() * HalfPrecision.BLOCK),
        /** Some outputs of a kernel, before they are turned. */
        OUTPUTS(DType.F32.bytes() * HalfPrecision.BLOCK),
        /** The largest weight of most models: what is not written to costs nothing, and growing leaves gaps. */
        WEIGHT(64 << 20);

        private final long bytes;

        Use(long bytes) {
            this.bytes = bytes;
        }
    }

    private final Map<Use, Tensor> memory = new EnumMap<>(Use.class);
    private boolean closed;

    /**
     * The values of x, on the CPU, in another dtype; kernels [out,in,k,k] with the channels last, as convolutions read them.
     *
     * @return x itself, or what the next call overwrites
     */
    public Tensor cast(Tensor x, DType dtype) {
        if (x.dim() == 4) {
            return kernel(x, dtype);
        }
        return Ops.dtype(x) == dtype ? x : into(take(Use.WEIGHT, dtype, Ops.shape(x)), x);
    }

    /** Some outputs at a time, which are still in the cache when they are turned. */
    private Tensor kernel(Tensor x, DType dtype) {
        long count = x.size(0);
        long rows = Math.max(1, HalfPrecision.BLOCK * count / Math.max(1, x.numel()));
        Tensor out =
                take(Use.WEIGHT, dtype, count, x.size(2), x.size(3), x.size(1)).permute(0, 3, 1, 2);
        for (long from = 0; from < count; from += rows) {
            long first = from;
            long some = Math.min(rows, count - from);
            Scopes.run(() -> {
                Tensor part = x.narrow(0, first, some);
                Tensor made = Ops.dtype(x) == dtype ? part : into(take(Use.OUTPUTS, dtype, Ops.shape(part)), part);
                out.narrow(0, first, some).copy_(made);
            });
        }
        return out;
    }

    private Tensor into(Tensor out, Tensor x) {
        DType dtype = Ops.dtype(out);
        return HalfPrecision.isSlow(x, dtype)
                ? HalfPrecision.into(out, x, take(Use.FP32, DType.F32, HalfPrecision.BLOCK))
                : out.copy_(x);
    }

    private Tensor take(Use use, DType dtype, long... shape) {
        if (closed) {
            return Ops.empty(dtype, Device.CPU, shape);
        }
        long size = dtype.bytes();
        for (long d : shape) {
            size *= d;
        }
        @Nullable Tensor there = memory.get(use);
        if (there == null || there.size(0) < size) {
            if (there != null) {
                Scopes.release(there);
            }
            long wanted = Math.max(size, use.bytes);
            there = Scopes.own(() -> Ops.empty(DType.U8, Device.CPU, wanted));
            memory.put(use, there);
        }
        return Mapped.view(there, 0, dtype, shape);
    }

    @Override
    public void close() {
        closed = true;
        memory.values().forEach(Scopes::release);
        memory.clear();
    }
}
