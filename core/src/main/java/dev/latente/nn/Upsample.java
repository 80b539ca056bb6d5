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
        conv = new Conv2d(own, channels, channels, 3);
        bias = own.get("bias", channels);
        phases = own.layout() == WeightLayout.PREPARED ? own.convs(1, kernels(), channels, channels, 3, 3) : null;
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
        long h = x.size(2);
        long w = x.size(3);
        Tensor out = Ops.empty(Ops.dtype(x), Ops.device(x), x.size(0), 2 * h, 2 * w, bias.size(0))
                .permute(0, 3, 1, 2);
        for (int phase = 0; phase < 4; phase++) {
            int row = phase / 2;
            int column = phase % 2;
            ConvOp kernel = kernels.get(phase);
            Scopes.run(() -> {
                // [B,C,H+1,W+1]: the padding gives one row and one column that belong to the other parity.
                Tensor y = kernel.apply(x, bias).narrow(2, row, h).narrow(3, column, w);
                Ops.every(Ops.every(out, 2, row, 2), 3, column, 2).copy_(y);
            });
        }
        return out;
    }
}
