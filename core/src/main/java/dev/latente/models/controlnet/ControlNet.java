package dev.latente.models.controlnet;

import dev.latente.models.unet.Encoder;
import dev.latente.models.unet.Features;
import dev.latente.models.unet.UNetConditioning;
import dev.latente.models.unet.UNetConfig;
import dev.latente.nn.Conv2d;
import dev.latente.nn.Params;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * A copy of a U-Net's way down that also sees a picture, and says what to add to the U-Net's features (Zhang et al. 2023,
 * figure 3). The 1x1 convolutions between the two start at zero, so that an untrained one changes nothing. Keys as in
 * diffusers' {@code ControlNetModel}. Thread-safe.
 */
public final class ControlNet {
    private static final String EMBEDDING = "controlnet_cond_embedding";
    private static final String DOWN = "controlnet_down_blocks";
    private static final String MIDDLE = "controlnet_mid_block";

    private final ControlNetConfig config;
    private final Encoder encoder;
    private final HintEmbedding embedding;
    private final List<Conv2d> zeroConvs = new ArrayList<>();
    private final Conv2d zeroConvMiddle;

    public ControlNet(Params p, ControlNetConfig config) {
        this.config = config;
        List<UNetConfig.Stage> stages = config.unet().down();
        encoder = new Encoder(p, config.unet());
        embedding = new HintEmbedding(
                p.at(EMBEDDING),
                config.conditioningChannels(),
                config.embeddingChannels(),
                stages.get(0).channels());
        List<Long> channels = skipChannels(stages);
        for (int i = 0; i < channels.size(); i++) {
            zeroConvs.add(new Conv2d(p.at(DOWN).at(i), channels.get(i), channels.get(i), 1));
        }
        long coarsest = channels.get(channels.size() - 1);
        zeroConvMiddle = new Conv2d(p.at(MIDDLE), coarsest, coarsest, 1);
    }

    /** Of the first convolution, of each layer, and of each halving but at the coarsest resolution. */
    private static List<Long> skipChannels(List<UNetConfig.Stage> stages) {
        List<Long> channels = new ArrayList<>(List.of(stages.get(0).channels()));
        for (int i = 0; i < stages.size(); i++) {
            int halving = i < stages.size() - 1 ? 1 : 0;
            for (int j = 0; j < stages.get(i).depths().size() + halving; j++) {
                channels.add(stages.get(i).channels());
            }
        }
        return channels;
    }

    /**
     * The weights to start training from: the U-Net's, zeros where the two meet, and small random ones in between.
     *
     * @param unet under the names of diffusers; left open
     * @param seed of the random ones
     */
    public static WeightSource fromUNet(WeightSource unet, long seed) {
        WeightSource random = WeightSources.random(seed);
        return new WeightSource() {
            /** Empty: the U-Net's way up is nothing that could be left over. */
            @Override
            public Set<String> keys() {
                return Set.of();
            }

            @Override
            public String origin() {
                return unet.origin();
            }

            @Override
            public Tensor get(String key, long... shape) {
                if (key.startsWith(DOWN) || key.startsWith(MIDDLE) || key.startsWith(EMBEDDING + ".conv_out")) {
                    return Ops.zeros(DType.F32, Device.CPU, shape);
                }
                return key.startsWith(EMBEDDING) ? random.get(key, shape) : unet.get(key, shape);
            }
        };
    }

    public ControlNetConfig config() {
        return config;
    }

    /**
     * What the network sees of a picture, the same at every step.
     *
     * @param picture [B,3,H,W] in [0,1], of the size that the latents decode to, in the dtype of the weights
     * @return [B,C,h,w], of the size of the latents
     */
    public Tensor hint(Tensor picture) {
        return Scopes.keep(() -> embedding.forward(config.bgr() ? picture.flip(1) : picture));
    }

    /**
     * What to add to the features of the U-Net that is given the same.
     *
     * @param sample noised latents [B,in_channels,H,W], in the dtype of the weights
     * @param timesteps [B] or [1], integers or not
     * @param hint of {@link #hint}, for each sample or one for all [B or 1,C,H,W]
     */
    public Features forward(Tensor sample, Tensor timesteps, UNetConditioning conditioning, Tensor hint) {
        if (hint.size(2) != sample.size(2) || hint.size(3) != sample.size(3)) {
            throw new IllegalArgumentException(
                    "controlnet: the picture has the size of [%dx%d] latents, wanted [%dx%d]: it makes one of %d pixels a side"
                            .formatted(hint.size(3), hint.size(2), sample.size(3), sample.size(2), config.factor()));
        }
        Features features = encoder.forward(sample, timesteps, conditioning, hint);
        List<Tensor> residuals = new ArrayList<>();
        for (int i = 0; i < zeroConvs.size(); i++) {
            residuals.add(zeroConvs.get(i).forward(features.skips().get(i)));
        }
        Features all = new Features(residuals, zeroConvMiddle.forward(features.middle()));
        return config.globalPool() ? all.map(x -> x.mean(2, 3).unsqueeze(-1).unsqueeze(-1)) : all;
    }
}
