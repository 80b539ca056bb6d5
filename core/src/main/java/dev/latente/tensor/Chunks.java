package dev.latente.tensor;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Attention of one head, some rows of queries at a time, in memory that all heads share. Not thread-safe. */
final class Chunks implements AutoCloseable {
    /** The exponential of what lies within is far from the ends of bf16's and fp32's range, and so are sums of it. */
    private static final double SAFE = 60;

    /** Numbers in a vector register: a matrix of fewer columns costs as much. */
    private static final long LANES = 16;

    private final Arena arena = new Arena();
    private final long rows;
    private final long size;
    private final Tensor scores; // [rows,m]
    private final Tensor values; // [m,size+1...]: v, ones, zeros
    private final Tensor sums; // [rows,size+1...]: products of scores and values
    private final boolean roomForSums;

    /**
     * @param rows of queries at a time
     * @param m keys
     * @param size of a value
     */
    Chunks(DType dtype, long rows, long m, long size) {
        this.rows = rows;
        this.size = size;
        long columns = (size + LANES - 1) / LANES * LANES;
        roomForSums = columns > size;
        scores = arena.own(() -> Ops.empty(dtype, Device.CPU, rows, m));
        values = arena.own(() -> Ops.zeros(dtype, Device.CPU, m, columns));
        sums = arena.own(() -> Ops.empty(dtype, Device.CPU, rows, columns));
        if (roomForSums) {
            Scopes.run(() -> Ops.slice(values, 1, size, size + 1).copy_(Ops.full(1, dtype, Device.CPU, 1)));
        }
    }

    /** q [n,d], scaled, k [m,d], v [m,size], bias [n,m] or null -> out [n,size]. */
    void attend(Tensor q, Tensor k, Tensor v, @Nullable Tensor bias, Tensor out) {
        Tensor keys = k.contiguous().t(); // [d,m]
        boolean bounded = roomForSums && bias == null && bound(q, k) <= SAFE;
        if (bounded) {
            Ops.slice(values, 1, 0, size).copy_(v);
        }
        Tensor plain = bounded ? v : v.contiguous();
        for (long from = 0; from < q.size(0); from += rows) {
            long count = Math.min(rows, q.size(0) - from);
            Tensor s = scores.narrow(0, 0, count);
            Tensor target = out.narrow(0, from, count);
            Functional.mmInto(s, q.narrow(0, from, count), keys);
            if (bounded) {
                unnormalised(s, target);
            } else {
                if (bias != null) {
                    s.add_(bias.narrow(0, from, count));
                }
                Functional.softmaxInto(s, s);
                Functional.mmInto(target, s, plain);
            }
        }
    }

    /**
     * Softmax in one pass: where no score is large its exponentials need no maximum taken off them, and the column of ones
     * among the values, which fills a register that is there anyway, adds them up. scores [count,m] -> out [count,size].
     */
    private void unnormalised(Tensor s, Tensor out) {
        Tensor both = sums.narrow(0, 0, s.size(0));
        Functional.mmInto(both, s.exp_(), values);
        Functional.divInto(out, both.narrow(1, 0, size), both.narrow(1, size, 1));
    }

    /** No score is larger than the longest query times the longest key (Cauchy-Schwarz). */
    private static double bound(Tensor q, Tensor k) {
        return Math.sqrt(longest(q) * longest(k));
    }

    private static double longest(Tensor x) {
        Tensor t = Ops.to(x, DType.F32);
        return t.mul(t).sum(1).max().item_double();
    }

    @Override
    public void close() {
        arena.close();
    }
}
