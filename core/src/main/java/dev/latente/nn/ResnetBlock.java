package dev.latente.nn;

import dev.latente.tensor.Functional;
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
    }

    /** x [B,in,H,W], temb [B,temb] or [1,temb], or null -> [B,out,H,W]. */
    public Tensor forward(Tensor x, @Nullable Tensor temb) {
        Tensor h = activation.consume(norm1.forward(x));
        h = timeEmbProj == null || temb == null
                ? conv1.forward(h)
                : conv1.shifted(h, timeEmbProj.forward(activation.apply(temb)));
        h = activation.consume(norm2.forward(h));
        return Functional.addInto(conv2.forward(h), shortcut == null ? x : shortcut.forward(x));
    }
}
