package dev.latente.models.kunet;

import dev.latente.nn.Activation;
import dev.latente.nn.Conv2d;
import dev.latente.nn.Linear;
import dev.latente.nn.Params;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Residual block with {@link AdaGroupNorm}. Keys: {@code norm1}, {@code conv1}, {@code norm2}, {@code conv2} and, where the
 * channels change, {@code conv_shortcut} without a bias.
 */
final class KResnetBlock {
    private final AdaGroupNorm norm1;
    private final Conv2d conv1;
    private final AdaGroupNorm norm2;
    private final Conv2d conv2;
    private final @Nullable Linear shortcut;
    private final Activation act;

    /** @param inner channels between the two convolutions */
    KResnetBlock(Params p, KUNetConfig c, long in, long inner, long out) {
        norm1 = new AdaGroupNorm(p.at("norm1"), c.timeSize(), in, in / KUNet.GROUP, c.eps());
        conv1 = new Conv2d(p.at("conv1"), in, inner, 3);
        norm2 = new AdaGroupNorm(p.at("norm2"), c.timeSize(), inner, inner / KUNet.GROUP, c.eps());
        conv2 = new Conv2d(p.at("conv2"), inner, out, 3);
        shortcut = in == out ? null : Linear.pointwise(p.at("conv_shortcut"), in, out, false);
        act = c.act();
    }

    /** x [B,in,H,W], temb [B,temb] -> [B,out,H,W]. */
    Tensor forward(Tensor x, Tensor temb) {
        Tensor h = conv1.forward(act.consume(norm1.forward(x, temb)));
        h = conv2.forward(act.consume(norm2.forward(h, temb)));
        Tensor kept =
                shortcut == null ? x : shortcut.forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2);
        return kept.add(h);
    }
}
