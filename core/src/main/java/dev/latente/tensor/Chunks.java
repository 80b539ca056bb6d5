package dev.latente.tensor;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Attention of one head, some rows of queries at a time, in memory that all heads share. Not thread-safe. */
final class Chunks implements AutoCloseable {
    /** The exponential of what lies within is far from the ends of bf16's and fp32's range, and so are sums of it. */
    private static final double SAFE = 60;

    private static final double LOG2_E = 1 / Math.log(2);

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

    /**
     * How scores are made of products.
     *
     * @param factor of the products
     * @param largest bound of their absolute values, without a bias
     * @param bias added to them [n,m], or null
     */
    record Scores(double factor, double largest, @Nullable Tensor bias) {}

    /** q [n,d], k [m,d], v [m,size] -> out [n,size]. */
    void attend(Tensor q, Tensor k, Tensor v, Scores how, Tensor out) {
        boolean bounded = roomForSums && how.bias == null && how.largest <= SAFE;
        if (bounded) {
            Ops.slice(values, 1, 0, size).copy_(v);
        }
        Tensor queries = Ops.mul(q, bounded ? how.factor * LOG2_E : how.factor);
        Tensor keys = k.contiguous().t(); // [d,m]
        Tensor plain = bounded ? v : v.contiguous();
        for (long from = 0; from < q.size(0); from += rows) {
            long count = Math.min(rows, q.size(0) - from);
            Tensor s = scores.narrow(0, 0, count);
            Tensor target = out.narrow(0, from, count);
            Functional.mmInto(s, queries.narrow(0, from, count), keys);
            if (bounded) {
                unnormalised(s, target);
            } else {
                if (how.bias != null) {
                    s.add_(how.bias.narrow(0, from, count));
                }
                Functional.softmaxInto(s, s);
                Functional.mmInto(target, s, plain);
            }
        }
    }

    /**
     * Softmax in one pass: where no score is large its exponentials need no maximum taken off them, and the column of ones
     * among the values, which fills a register that is there anyway, adds them up. Powers of 2 are a fifth cheaper than those
     * of e. scores [count,m], times log2(e) -> out [count,size].
     */
    private void unnormalised(Tensor s, Tensor out) {
        Tensor both = sums.narrow(0, 0, s.size(0));
        Functional.mmInto(both, s.exp2_(), values);
        Functional.divInto(out, both.narrow(1, 0, size), both.narrow(1, size, 1));
    }

    @Override
    public void close() {
        arena.close();
    }
}
