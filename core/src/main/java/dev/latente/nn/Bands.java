package dev.latente.nn;

import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import org.bytedeco.pytorch.Tensor;

/**
 * A large picture's features, worked on so many rows at a time that what is made of them stays in the cache, and takes little
 * memory. A kernel of 3x3 also sees the row above a band and the row below; several after each other see several.
 *
 * @param top first row
 * @param count rows
 * @param above rows that are seen above it, 0 for the first band
 * @param below rows that are seen below it, 0 for the last band
 */
public record Bands(long top, long count, long above, long below) {
    /** Of a band, at the most, if that is not fewer than {@link #FEWEST} rows. */
    private static final long BYTES = 16 << 20;

    /** Two rows more are computed for each band. */
    private static final long FEWEST = 128;

    @FunctionalInterface
    public interface Body {
        void on(Bands band);
    }

    /** Whether x [B,C,H,W] is worth it: on a CPU, where all rows of its one picture lie side by side. */
    static boolean divide(Tensor x) {
        return x.is_cpu() && x.size(0) == 1 && rows(x) < x.size(2);
    }

    /** All of x [B,C,H,W] as one. */
    static Bands whole(Tensor x) {
        return new Bands(0, x.size(2), 0, 0);
    }

    private static long rows(Tensor x) {
        return Math.max(FEWEST, BYTES / (x.size(1) * x.size(3) * Ops.dtype(x).bytes()));
    }

    /** All bands of x [1,C,H,W] from top to bottom, each in a scope of its own. */
    static void each(Tensor x, Body body) {
        each(x, rows(x), 1, body);
    }

    /** As above, of so many rows and with so many around each. */
    public static void each(Tensor x, long rows, long around, Body body) {
        long height = x.size(2);
        for (long top = 0; top < height; top += rows) {
            long count = Math.min(rows, height - top);
            Bands band = new Bands(top, count, Math.min(around, top), Math.min(around, height - top - count));
            Scopes.run(() -> body.on(band));
        }
    }

    /** The rows of x [1,C,H,W] alone. */
    Tensor of(Tensor x) {
        return x.narrow(2, top, count);
    }

    /** The rows of what x [1,C,H,W] has become, which is so many times as large. */
    public Tensor of(Tensor large, long times) {
        return large.narrow(2, times * top, times * count);
    }

    /** The rows of x [1,C,H,W] with those around them. */
    public Tensor seen(Tensor x) {
        return x.narrow(2, top - above, above + count + below);
    }

    /** The rows alone of what a layer made of {@link #seen}. */
    Tensor inner(Tensor y) {
        return y.narrow(2, above, count);
    }

    /** As {@link #inner(Tensor)}, of layers that enlarged it so many times. */
    public Tensor inner(Tensor y, long times) {
        return y.narrow(2, times * above, times * count);
    }
}
