package dev.latente.models.unet;

import dev.latente.nn.Conv2d;
import dev.latente.nn.Params;
import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The way down of a U-Net and its middle block, which is also what a ControlNet is a copy of (Zhang et al. 2023, figure 3).
 * Keys as in diffusers' {@code UNet2DConditionModel}. Thread-safe.
 */
public final class Encoder {
    private final boolean centerInput;
    private final Embeddings embeddings;
    private final Conv2d convIn;
    private final List<DownBlock> down = new ArrayList<>();
    private final @Nullable MidBlock mid;

    public Encoder(Params p, UNetConfig config) {
        centerInput = config.centerInput();
        embeddings = new Embeddings(p, config.embeddings());
        convIn = new Conv2d(
                p.at("conv_in"), config.inChannels(), config.down().get(0).channels(), 3);
        for (int i = 0; i < config.down().size(); i++) {
            down.add(new DownBlock(p.at("down_blocks").at(i), config, i));
        }
        mid = config.middle() == UNetConfig.Middle.NONE ? null : new MidBlock(p.at("mid_block"), config);
    }

    /**
     * What the U-Net's own way up would be given.
     *
     * @param sample noised latents [B,in_channels,H,W], in the dtype of the weights
     * @param timesteps [B] or [1], integers or not
     * @param hint added to what the first convolution makes of the sample [B or 1,C,H,W]
     */
    public Features forward(Tensor sample, Tensor timesteps, UNetConditioning conditioning, Tensor hint) {
        return forward(sample, context(timesteps, conditioning, Ops.dtype(sample)), hint);
    }

    Features forward(Tensor sample, Layer.Context context, @Nullable Tensor hint) {
        Tensor x = convIn.forward(Ops.channelsLast(centerInput ? Ops.sub(Ops.mul(sample, 2), 1) : sample));
        if (hint != null) {
            x = x.add(hint);
        }
        List<Tensor> skips = new ArrayList<>(List.of(x));
        for (DownBlock block : down) {
            x = block.forward(x, context, skips);
        }
        return new Features(skips, mid == null ? x : mid.forward(x, context));
    }

    /** What every layer is told, on the way up, too. */
    Layer.Context context(Tensor timesteps, UNetConditioning c, DType dtype) {
        return new Layer.Context(
                embeddings.forward(timesteps, c, dtype),
                c.encoderHiddenStates(),
                bias(c.encoderAttentionMask(), dtype));
    }

    /** mask [B,m] -> [B,1,1,m]: 0 for a token to attend to and -10000 for another. */
    private static @Nullable Tensor bias(@Nullable Tensor mask, DType dtype) {
        return mask == null
                ? null
                : Ops.mul(Ops.sub(Ops.to(mask, dtype), 1), 10_000).unsqueeze(1).unsqueeze(1);
    }
}
