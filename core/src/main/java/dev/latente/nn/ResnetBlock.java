package dev.latente.nn;

import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.tensor.WeightLayout;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Residual block (He et al. 2016) with group normalisation, shifted by a time embedding in the U-Net (Ho et al.
 * 2020, appendix B). Keys: {@code norm1}, {@code conv1}, {@code time_emb_proj}, {@code norm2}, {@code conv2} and, where
 * the channels change, {@code conv_shortcut}.
 */
public final class ResnetBlock {
    private final GroupNorm norm1;
    private final Conv2d conv1;
    private final @Nullable Linear timeEmbProj;
    private final GroupNorm norm2;
    private final Conv2d conv2;
    private final @Nullable Conv2d shortcut;
    private final Activation activation;
    private final long out;
    private final boolean inference; // no gradient will be asked for

    /** With SiLU, as every published model. */
    public ResnetBlock(Params p, long in, long out, long temb, long groups, double eps) {
        this(p, in, out, temb, groups, eps, Activation.SILU);
    }

    /**
     * A block of {@code in} to {@code out} channels.
     *
     * @param temb size of the time embedding; 0 for a block without one
     * @param groups of both normalisations
     */
    public ResnetBlock(Params p, long in, long out, long temb, long groups, double eps, Activation activation) {
        norm1 = new GroupNorm(p.at("norm1"), groups, in, eps);
        conv1 = new Conv2d(p.at("conv1"), in, out, 3);
        timeEmbProj = temb == 0 ? null : new Linear(p.at("time_emb_proj"), temb, out);
        norm2 = new GroupNorm(p.at("norm2"), groups, out, eps);
        conv2 = new Conv2d(p.at("conv2"), out, out, 3);
        shortcut = in == out ? null : new Conv2d(p.at("conv_shortcut"), in, out, 1);
        this.activation = activation;
        this.out = out;
        inference = p.layout() == WeightLayout.PREPARED;
    }

    /** x [B,in,H,W], temb [B,temb] or [1,temb], or null -> [B,out,H,W]. */
    public Tensor forward(Tensor x, @Nullable Tensor temb) {
        return inference && temb == null && Bands.divide(x) ? inBands(x) : whole(x, temb);
    }

    Tensor whole(Tensor x, @Nullable Tensor temb) {
        Tensor h =
                Scopes.chain(x, List.of(y -> first(y, temb), y -> conv2.forward(activation.consume(norm2.forward(y)))));
        return Functional.addInto(h, shortcut == null ? x : shortcut.forward(x));
    }

    private Tensor first(Tensor x, @Nullable Tensor temb) {
        Tensor h = activation.consume(norm1.forward(x));
        return timeEmbProj == null || temb == null
                ? conv1.forward(h)
                : conv1.shifted(h, timeEmbProj.forward(activation.apply(temb)));
    }

    /** As {@link #whole} but for rounding; nothing of x's size is made beside the result. x [1,in,H,W] -> [1,out,H,W]. */
    private Tensor inBands(Tensor x) {
        Tensor h = Ops.emptyChannelsLast(x, out, x.size(2), x.size(3));
        Scopes.run(() -> {
            UnaryOperator<Tensor> normalise = norm1.over(x);
            Bands.each(x, band -> {
                Tensor y = conv1.forward(activation.consume(normalise.apply(band.seen(x))));
                band.of(h).copy_(band.inner(y));
            });
        });
        Scopes.run(() -> second(x, h));
        return h;
    }

    /** Turns h, what the first half gave, into the result. */
    private void second(Tensor x, Tensor h) {
        UnaryOperator<Tensor> normalise = norm2.over(h);
        Tensor above = Ops.emptyChannelsLast(h, out, 1, h.size(3)); // the row above the band, as it was
        Bands.each(x, band -> {
            Tensor below = h.narrow(2, band.top(), band.count() + band.below());
            Tensor seen = band.above() == 0 ? below : Ops.cat(2, above, below);
            Tensor y = conv2.forward(activation.consume(normalise.apply(seen)));
            Tensor rows = band.of(h);
            above.copy_(rows.narrow(2, band.count() - 1, 1));
            Tensor residual = shortcut == null ? band.of(x) : shortcut.forward(band.of(x));
            rows.copy_(Functional.addInto(band.inner(y), residual));
        });
    }
}
