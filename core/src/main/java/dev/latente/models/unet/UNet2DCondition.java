package dev.latente.models.unet;

import dev.latente.nn.Conv2d;
import dev.latente.nn.GroupNorm;
import dev.latente.nn.Params;
import dev.latente.nn.TokenMerging;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Denoising U-Net with attention to a text (Rombach et al. 2022, section 3.3 and figure 3; Podell et al. 2023, section 2).
 * Keys as in diffusers' {@code UNet2DConditionModel}. Thread-safe.
 */
public final class UNet2DCondition {
    private final UNetConfig config;
    private final Encoder encoder;
    private final List<UpBlock.Step> up;
    private final GroupNorm normOut;
    private final Conv2d convOut;
    private final TokenMerging merging;
    private final Beside beside;

    public UNet2DCondition(Params p, UNetConfig config) {
        this.config = config;
        long channels = config.down().get(0).channels();
        encoder = new Encoder(p, config);
        up = new ArrayList<>();
        for (int i = 0; i < config.up().size(); i++) {
            up.addAll(new UpBlock(p.at("up_blocks").at(i), config, i).steps());
        }
        normOut = new GroupNorm(p.at("conv_norm_out"), config.groups(), channels, config.eps());
        convOut = new Conv2d(p.at("conv_out"), channels, config.outChannels(), 3);
        merging = TokenMerging.NONE;
        beside = Beside.NONE;
    }

    private UNet2DCondition(UNet2DCondition other, TokenMerging merging, Beside beside) {
        config = other.config;
        encoder = other.encoder;
        up = other.up;
        normOut = other.normOut;
        convOut = other.convOut;
        this.merging = merging;
        this.beside = beside;
    }

    /** The same network, which merges tokens in the self-attentions at the finest resolution that has attention. */
    public UNet2DCondition merging(TokenMerging how) {
        return new UNet2DCondition(this, how, beside);
    }

    /** The same network, which is shown something by adapters. */
    public UNet2DCondition beside(Beside shown) {
        return new UNet2DCondition(this, merging, shown);
    }

    public UNetConfig config() {
        return config;
    }

    /**
     * Predicts what the model was trained to predict: the noise, or v. Of any height and width.
     *
     * @param sample noised latents [B,in_channels,H,W], in the dtype of the weights; or [B/n,in_channels,H,W] where the same
     *     latents are seen with n times as many texts, as in guided calls: what comes before the text is then computed once
     * @param timesteps of the samples, or [1], integers or not
     * @return [B,out_channels,H,W]
     */
    public Tensor forward(Tensor sample, Tensor timesteps, UNetConditioning conditioning) {
        return forward(sample, timesteps, conditioning, null);
    }

    /** As {@link #forward(Tensor, Tensor, UNetConditioning)}, with what ControlNets add to the features, or null. */
    public Tensor forward(
            Tensor sample, Tensor timesteps, UNetConditioning conditioning, @Nullable Features residuals) {
        Shallow shallow = begin(sample, timesteps, conditioning, 0);
        return finish(shallow, deep(shallow, residuals), residuals);
    }

    /** For the sequences at the finest resolution that has attention. */
    private TokenMerging mergingOf(Tensor sample) {
        long height = sample.size(2);
        long width = sample.size(3);
        for (int i = 0; !config.down().get(i).attention() && i < config.down().size() - 1; i++) {
            height = (height + 1) / 2;
            width = (width + 1) / 2;
        }
        return merging.over(height, width);
    }

    /** How many skips there are, and so places at which {@link #begin} can end. */
    public int branches() {
        return up.size();
    }

    /**
     * The beginning of a call: the way down to a skip. The deep part of the network, which takes most of the time, is
     * {@link #deep}; what an earlier call had there can be handed to {@link #finish} instead (Ma et al. 2023, section 3.2).
     *
     * @param branch number of that skip: 0 for what the first convolution makes, then 1 for each layer and each halving
     */
    public Shallow begin(Tensor sample, Tensor timesteps, UNetConditioning conditioning, int branch) {
        if (branch < 0 || branch >= branches()) {
            throw new IllegalArgumentException(
                    "branch: got [%d], wanted 0 to %d for this U-Net".formatted(branch, branches() - 1));
        }
        Layer.Context context =
                encoder.context(timesteps, conditioning, Ops.dtype(sample)).with(beside, mergingOf(sample));
        return new Shallow(encoder.down(List.of(encoder.first(sample)), context, branch), context);
    }

    /** What the network below that skip makes [B,C,H,W], of the size of the skip; with what ControlNets add, or null. */
    public Tensor deep(Shallow shallow, @Nullable Features residuals) {
        Features own = encoder.below(shallow.skips(), shallow.context());
        Features features = residuals == null ? own : own.plus(residuals);
        return up(features.middle(), features.skips(), shallow.branch() + 1, shallow.context());
    }

    /** The end of a call: the prediction [B,out_channels,H,W]. */
    public Tensor finish(Shallow shallow, Tensor deep, @Nullable Features residuals) {
        List<Tensor> skips = residuals == null ? shallow.skips() : residuals.addedTo(shallow.skips());
        Tensor x = up(deep, skips, 0, shallow.context());
        return convOut.forward(Functional.silu(normOut.forward(x)));
    }

    /** Up past the coarsest of the skips and the finer ones, to number {@code last} and past it. */
    private Tensor up(Tensor x, List<Tensor> skips, int last, Layer.Context context) {
        for (int i = skips.size() - 1; i >= last; i--) {
            UpBlock.Step step = up.get(up.size() - 1 - i);
            x = step.forward(x, skips.get(i), skips.get(Math.max(0, i - 1)), context);
        }
        return x;
    }
}
