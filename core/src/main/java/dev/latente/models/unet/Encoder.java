package dev.latente.models.unet;

import dev.latente.nn.Conv2d;
import dev.latente.nn.Params;
import dev.latente.nn.TokenMerging;
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
    private final List<DownBlock.Step> down = new ArrayList<>();
    private final List<Integer> places = new ArrayList<>(); // numbers of the skips that adapters add to
    private final @Nullable MidBlock mid;

    public Encoder(Params p, UNetConfig config) {
        centerInput = config.centerInput();
        embeddings = new Embeddings(p, config.embeddings());
        convIn = new Conv2d(
                p.at("conv_in"), config.inChannels(), config.down().get(0).channels(), 3);
        for (int i = 0; i < config.down().size(); i++) {
            down.addAll(new DownBlock(p.at("down_blocks").at(i), config, i).steps());
            // What follows a transformer is added to, and a block without one after its halving: the reference's
            // choice.
            boolean halved = i < config.down().size() - 1;
            places.add(halved && config.down().get(i).attention() ? down.size() - 1 : down.size());
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
        Layer.Context context = context(timesteps, conditioning, Ops.dtype(sample));
        return below(List.of(first(sample).add(hint)), context);
    }

    /** The finest skip: what the first convolution makes of the sample [B,in_channels,H,W] -> [B,C,H,W]. */
    Tensor first(Tensor sample) {
        return convIn.forward(Ops.channelsLast(centerInput ? Ops.sub(Ops.mul(sample, 2), 1) : sample));
    }

    /** These finest skips, followed by those below them down to number {@code last}. */
    List<Tensor> down(List<Tensor> finest, Layer.Context context, int last) {
        List<Tensor> skips = new ArrayList<>(finest);
        for (int i = skips.size(); i <= last; i++) {
            Tensor skip = down.get(i - 1).forward(skips.get(i - 1), context);
            skips.add(context.beside().addedTo(skip, places.indexOf(i)));
        }
        return skips;
    }

    /** All that stands below these finest skips, and these. */
    Features below(List<Tensor> finest, Layer.Context context) {
        List<Tensor> skips = down(finest, context, down.size());
        Tensor coarsest = skips.get(down.size());
        Tensor middle = mid == null ? coarsest : mid.forward(coarsest, context);
        return new Features(skips, context.beside().addedToMiddle(middle, places.size()));
    }

    /** What every layer is told, on the way up, too. */
    Layer.Context context(Tensor timesteps, UNetConditioning c, DType dtype) {
        Tensor temb = embeddings.forward(timesteps, c, dtype);
        Tensor text = c.encoderHiddenStates();
        return new Layer.Context(
                temb.size(0) == 1 ? temb : Ops.repeatTo(temb, text.size(0)),
                text,
                bias(c.encoderAttentionMask(), dtype),
                Beside.NONE,
                TokenMerging.NONE);
    }

    /** mask [B,m] -> [B,1,1,m]: 0 for a token to attend to and -10000 for another. */
    private static @Nullable Tensor bias(@Nullable Tensor mask, DType dtype) {
        return mask == null
                ? null
                : Ops.mul(Ops.sub(Ops.to(mask, dtype), 1), 10_000).unsqueeze(1).unsqueeze(1);
    }
}
