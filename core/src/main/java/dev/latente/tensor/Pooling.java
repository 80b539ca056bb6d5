package dev.latente.tensor;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** What brings pictures to other resolutions inside of networks. */
public final class Pooling {
    private static final long[] TWO = {2, 2};
    private static final long[] NONE = {0, 0};

    private Pooling() {}

    /** The mean of each 2x2 positions, of fewer at an odd border; x [B,C,H,W] -> [B,C,⌈H/2⌉,⌈W/2⌉]. */
    public static Tensor mean(Tensor x) {
        try (LongOptional divisor = new LongOptional()) {
            return TensorException.call(
                    "avg_pool2d", () -> torch.avg_pool2d(x, TWO, TWO, NONE, true, true, divisor), x);
        }
    }

    /** The largest of each 2x2 positions; x [B,C,H,W] -> [B,C,⌊H/2⌋,⌊W/2⌋]. */
    public static Tensor largest(Tensor x) {
        return TensorException.call(
                "max_pool2d", () -> torch.max_pool2d(x, TWO, TWO, NONE, new long[] {1, 1}, false), x);
    }

    /** Squares of positions become channels; x [B,C,H·f,W·f] -> [B,C·f²,H,W]. */
    public static Tensor unshuffle(Tensor x, long factor) {
        return TensorException.call("pixel_unshuffle", () -> torch.pixel_unshuffle(x, factor), x);
    }

    /** The opposite of {@link #unshuffle}; x [B,C·f²,H,W] -> [B,C,H·f,W·f]. */
    public static Tensor shuffle(Tensor x, long factor) {
        return TensorException.call("pixel_shuffle", () -> torch.pixel_shuffle(x, factor), x);
    }

    /** Twice the size, bilinear, with the corners where they were; x [B,C,H,W] -> [B,C,2H,2W]. */
    public static Tensor doubled(Tensor x) {
        long[] size = {2 * x.size(2), 2 * x.size(3)};
        return TensorException.call("upsample_bilinear2d", () -> torch.upsample_bilinear2d(x, size, true), x);
    }
}
