package dev.latente.models.unet;

import dev.latente.models.unet.Transformer2D.Text;
import dev.latente.nn.Params;
import dev.latente.nn.ResnetBlock;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** The coarsest resolution: residual block, transformer, residual block; or a residual block alone. */
final class MidBlock {
    private final ResnetBlock first;
    private final @Nullable Transformer2D attention;
    private final @Nullable ResnetBlock second;

    MidBlock(Params p, UNetConfig c) {
        UNetConfig.Stage stage = c.down().get(c.down().size() - 1);
        boolean attends = c.middle() == UNetConfig.Middle.ATTENTION;
        first = resnet(p.at("resnets").at(0), c, stage.channels());
        attention = attends
                ? new Transformer2D(
                        p.at("attentions").at(0), c, stage, stage.depths().get(0))
                : null;
        second = attends ? resnet(p.at("resnets").at(1), c, stage.channels()) : null;
    }

    private static ResnetBlock resnet(Params p, UNetConfig c, long channels) {
        return new ResnetBlock(p, channels, channels, c.embeddings().size(), c.groups(), c.eps());
    }

    /** x [B,C,H,W] -> the same shape. */
    Tensor forward(Tensor x, Tensor temb, Text text) {
        x = first.forward(x, temb);
        return attention == null || second == null ? x : second.forward(attention.forward(x, text), temb);
    }
}
