package dev.latente.tensor;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;

/** Rows of sequences [B,n,C]: which are alike, picking them, averaging them. */
public final class Rows {
    /** Products of one step of {@link #nearest}, which stay in the cache. */
    private static final long CHUNK = 1L << 21;

    private Rows() {}

    /**
     * The row of another sequence that is most like each row.
     *
     * @param index of that row [B,n] int64
     * @param cosine of the angle between the two [B,n]
     */
    public record Nearest(Tensor index, Tensor cosine) {}

    /** a [B,n,C], b [B,m,C] -> for each row of a the nearest row of b; all products never exist at once. */
    public static Nearest nearest(Tensor a, Tensor b) {
        long n = a.size(1);
        long rows = Math.max(1, CHUNK / Math.max(1, b.size(1)));
        Tensor index = Ops.empty(DType.I64, Ops.device(a), a.size(0), n);
        Tensor cosine = Ops.empty(Ops.dtype(a), Ops.device(a), a.size(0), n);
        Scopes.run(() -> {
            Tensor from = Functional.unit(a);
            Tensor to = Functional.unit(b).transpose(1, 2); // [B,C,m]
            for (long batch = 0; batch < a.size(0); batch++) {
                for (long row = 0; row < n; row += rows) {
                    long at = batch;
                    long first = row;
                    long count = Math.min(rows, n - row);
                    Scopes.run(() -> {
                        Tensor products =
                                from.select(0, at).narrow(0, first, count).mm(to.select(0, at)); // [count,m]
                        index.select(0, at).narrow(0, first, count).copy_(argmax(products));
                        cosine.select(0, at).narrow(0, first, count).copy_(products.amax(new long[] {1}, false));
                    });
                }
            }
        });
        return new Nearest(index, cosine);
    }

    private static Tensor argmax(Tensor x) {
        try (LongOptional last = new LongOptional(-1)) {
            return x.argmax(last, false);
        }
    }

    /** Row {@code index} of each sequence: x [B,n,C], index [B,k] int64 -> [B,k,C]. */
    public static Tensor pick(Tensor x, Tensor index) {
        return x.flatten(0, 1).index_select(0, flat(index, x.size(1))).view(index.size(0), index.size(1), x.size(2));
    }

    /** Means of the rows that go into the same slot: x [B,n,C], slot [B,n] int64 -> [B,slots,C]; each slot has some. */
    public static Tensor mean(Tensor x, Tensor slot, long slots) {
        Tensor rows = x.flatten(0, 1); // [B·n,C]
        Tensor into = flat(slot, slots);
        Tensor ones = Ops.full(1, Ops.dtype(x), Ops.device(x), rows.size(0), 1);
        long all = x.size(0) * slots;
        Tensor sums = Ops.zeros(Ops.dtype(x), Ops.device(x), all, x.size(2)).index_add_(0, into, rows);
        Tensor counts = Ops.zeros(Ops.dtype(x), Ops.device(x), all, 1).index_add_(0, into, ones);
        return sums.div_(counts).view(x.size(0), slots, x.size(2));
    }

    /** Indices into sequences of n rows -> into all rows of the batch; [B,k] -> [B·k]. */
    private static Tensor flat(Tensor index, long n) {
        long[] starts = new long[Math.toIntExact(index.size(0))];
        for (int i = 0; i < starts.length; i++) {
            starts[i] = i * n;
        }
        return index.add(Ops.to(Ops.of(starts, starts.length, 1), Ops.device(index)))
                .flatten();
    }
}
