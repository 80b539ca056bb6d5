package dev.latente.models.unet;

import dev.latente.nn.Conv2d;
import dev.latente.nn.GroupNorm;
import dev.latente.nn.Params;
import dev.latente.tensor.DType;
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
    private final Embeddings embeddings;
    private final Conv2d convIn;
    private final List<DownBlock> down = new ArrayList<>();
    private final @Nullable MidBlock mid;
    private final List<UpBlock> up = new ArrayList<>();
    private final GroupNorm normOut;
    private final Conv2d convOut;

    public UNet2DCondition(Params p, UNetConfig config) {
        this.config = config;
        long channels = config.down().get(0).channels();
        embeddings = new Embeddings(p, config.embeddings());
        convIn = new Conv2d(p.at("conv_in"), config.inChannels(), channels, 3);
        for (int i = 0; i < config.down().size(); i++) {
            down.add(new DownBlock(p.at("down_blocks").at(i), config, i));
        }
        mid = config.middle() == UNetConfig.Middle.NONE ? null : new MidBlock(p.at("mid_block"), config);
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
        DType dtype = Ops.dtype(sample);
        Layer.Context context = new Layer.Context(
                embeddings.forward(timesteps, conditioning, dtype),
                conditioning.encoderHiddenStates(),
                bias(conditioning.encoderAttentionMask(), dtype));
        Tensor x = Ops.channelsLast(config.centerInput() ? Ops.sub(Ops.mul(sample, 2), 1) : sample);

        Deque<Tensor> skips = new ArrayDeque<>();
        x = convIn.forward(x);
        skips.push(x);
        for (DownBlock block : down) {
            x = block.forward(x, context, skips);
        }
        if (mid != null) {
            x = mid.forward(x, context);
        }
        for (UpBlock block : up) {
            x = block.forward(x, context, skips);
        }
        return convOut.forward(Functional.silu(normOut.forward(x)));
    }

    /** mask [B,m] -> [B,1,1,m]: 0 for a token to attend to and -10000 for another. */
    private static @Nullable Tensor bias(@Nullable Tensor mask, DType dtype) {
        return mask == null
                ? null
                : Ops.mul(Ops.sub(Ops.to(mask, dtype), 1), 10_000).unsqueeze(1).unsqueeze(1);
    }
}
