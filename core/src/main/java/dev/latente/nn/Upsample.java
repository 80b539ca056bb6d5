package dev.latente.nn;

import dev.latente.tensor.ConvOp;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.tensor.WeightLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Enlarges by nearest neighbours, then convolves. Key: {@code conv}.
 *
 * <p>For inference, doubling and convolving are one: of the nine pixels that a kernel of 3x3 sees in a doubled picture only
 * four differ. So each kind of new pixel (of an even or odd row, of an even or odd column) is a convolution of 2x2 over the
 * old pixels whose weights are sums: 4/9 of the products, and no doubled picture in memory.
 */
public final class Upsample {
    private final Conv2d conv;
    private final @Nullable Held<List<ConvOp>> phases; // even rows first, of each row even columns first
    private final Tensor bias; // [C]

    public Upsample(Params p, long channels) {
        this(channels, p.at("conv"));
    }

    private Upsample(long channels, Params own) {
        boolean inference = own.layout() == WeightLayout.PREPARED;
        conv = new Conv2d(inference ? own.later() : own, channels, channels, 3); // seldom needed beside the phases
        bias = own.get("bias", channels);
        phases = inference ? own.convs(1, kernels(), channels, channels, 3, 3) : null;
    }

    /** One whose convolution is at this path itself, as in networks that enlarge pictures. */
    public static Upsample by(Params conv, long channels) {
        return new Upsample(channels, conv);
    }

    private static List<UnaryOperator<Tensor>> kernels() {
        List<UnaryOperator<Tensor>> kernels = new ArrayList<>();
        for (int phase = 0; phase < 4; phase++) {
            int row = phase / 2;
            int column = phase % 2;
            kernels.add(weight -> sums(sums(weight, 2, row), 3, column));
        }
        return kernels;
    }

    /** The three weights along a dimension as two: the pair that an even (0) or an odd (1) new pixel sees as one is added. */
    private static Tensor sums(Tensor weight, long dim, int parity) {
        Tensor pair = Functional.add(weight.narrow(dim, 1 - parity, 1), weight.narrow(dim, 2 - parity, 1));
        Tensor single = weight.narrow(dim, parity * 2L, 1);
        return parity == 0 ? Ops.cat(dim, single, pair) : Ops.cat(dim, pair, single);
    }

    /** x [B,C,H,W] -> [B,C,2H,2W]. */
    public Tensor forward(Tensor x) {
        return forward(x, 2 * x.size(2), 2 * x.size(3));
    }

    /** x [B,C,H,W] -> [B,C,height,width]. */
    public Tensor forward(Tensor x, long height, long width) {
        return phases == null || height != 2 * x.size(2) || width != 2 * x.size(3)
                ? conv.forward(Functional.upsampleNearest(x, height, width))
                : phases.use(kernels -> doubled(x, kernels));
    }

    private Tensor doubled(Tensor x, List<ConvOp> kernels) {
        Tensor out = Ops.emptyChannelsLast(x, bias.size(0), 2 * x.size(2), 2 * x.size(3));
        if (Bands.divide(x)) {
            Bands.each(x, band -> fill(band, x, kernels, out));
        } else {
            fill(Bands.whole(x), x, kernels, out);
        }
        return out;
    }

    /** Fills the rows of {@code out} that a band of x becomes. */
    private void fill(Bands band, Tensor x, List<ConvOp> kernels, Tensor out) {
        Tensor seen = band.seen(x);
        Tensor rows = out.narrow(2, 2 * band.top(), 2 * band.count());
        for (int phase = 0; phase < 4; phase++) {
            int row = phase / 2;
            int column = phase % 2;
            ConvOp kernel = kernels.get(phase);
            Scopes.run(() -> {
                // One row and one column more than x has, for the padding: they belong to the other parity.
                Tensor y = kernel.apply(seen, bias)
                        .narrow(2, band.above() + row, band.count())
                        .narrow(3, column, x.size(3));
                Ops.every(Ops.every(rows, 2, row, 2), 3, column, 2).copy_(y);
            });
        }
    }
}
