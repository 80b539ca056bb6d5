package dev.latente.models.unet;

import dev.latente.nn.Params;
import dev.latente.nn.ResnetBlock;
import dev.latente.tensor.Recompute;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** The coarsest resolution: residual block, transformer, residual block; or a residual block alone. */
final class MidBlock {
    private final Layer first;
    private final @Nullable ResnetBlock second;

    MidBlock(Params p, UNetConfig c) {
        boolean attention = c.middle() == UNetConfig.Middle.ATTENTION;
        UNetConfig.Stage stage = c.down().get(c.down().size() - 1).middle(attention);
        first = new Layer(p, c, stage, 0, stage.channels());
        second = attention ? Layer.resnet(p, c, stage, 1, stage.channels()) : null;
    }

    /** x [B,C,H,W] -> the same shape. */
    Tensor forward(Tensor x, Layer.Context context) {
        Tensor h = first.forward(x, context);
        return second == null ? h : Recompute.run(in -> second.forward(in.get(0), in.get(1)), h, context.temb());
    }
}
