package dev.latente.models.unet;

import dev.latente.nn.Conv2d;
import dev.latente.nn.GroupNorm;
import dev.latente.nn.Params;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
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
    private final List<UpBlock> up = new ArrayList<>();
    private final GroupNorm normOut;
    private final Conv2d convOut;

    public UNet2DCondition(Params p, UNetConfig config) {
        this.config = config;
        long channels = config.down().get(0).channels();
        encoder = new Encoder(p, config);
        for (int i = 0; i < config.up().size(); i++) {
            up.add(new UpBlock(p.at("up_blocks").at(i), config, i));
        }
        normOut = new GroupNorm(p.at("conv_norm_out"), config.groups(), channels, config.eps());
        convOut = new Conv2d(p.at("conv_out"), channels, config.outChannels(), 3);
    }

    public UNetConfig config() {
        return config;
    }

    /**
     * Predicts what the model was trained to predict: the noise, or v. Of any height and width.
     *
     * @param sample noised latents [B,in_channels,H,W], in the dtype of the weights
     * @param timesteps [B] or [1], integers or not
     * @return [B,out_channels,H,W]
     */
    public Tensor forward(Tensor sample, Tensor timesteps, UNetConditioning conditioning) {
        return forward(sample, timesteps, conditioning, null);
    }

    /** As {@link #forward(Tensor, Tensor, UNetConditioning)}, with what ControlNets add to the features, or null. */
    public Tensor forward(
            Tensor sample, Tensor timesteps, UNetConditioning conditioning, @Nullable Features residuals) {
        Layer.Context context = encoder.context(timesteps, conditioning, Ops.dtype(sample));
        Features own = encoder.forward(sample, context, null);
        Features features = residuals == null ? own : own.plus(residuals);
        Deque<Tensor> skips = new ArrayDeque<>();
        features.skips().forEach(skips::push);
        Tensor x = features.middle();
        for (UpBlock block : up) {
            x = block.forward(x, context, skips);
        }
        return convOut.forward(Functional.silu(normOut.forward(x)));
    }
}
