package dev.latente.models.kunet;

import dev.latente.nn.Conv2d;
import dev.latente.nn.Linear;
import dev.latente.nn.Params;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * U-Net of k-diffusion's blocks, preconditioned by the noise level (Karras et al. 2022, section 5; Crowson's latent
 * upscaler). A level has one skip: what its last layer made. Keys as in diffusers' {@code UNet2DConditionModel} with K blocks.
 * Thread-safe.
 */
public final class KUNet {
    /** Channels of a group that is normalised. */
    static final long GROUP = 32;

    private final KUNetConfig config;
    private final Tensor frequencies; // [timeSize/2]
    private final @Nullable Linear condProj;
    private final Linear linear1;
    private final Linear linear2;
    private final Conv2d convIn;
    private final List<Level> down = new ArrayList<>();
    private final List<Level> up = new ArrayList<>();
    private final Conv2d convOut;

    public KUNet(Params p, KUNetConfig config) {
        this.config = config;
        long time = config.timeSize();
        frequencies = p.at("time_proj").get("weight", time / 2);
        Params embedding = p.at("time_embedding");
        condProj =
                config.condSize() == 0 ? null : new Linear(embedding.at("cond_proj"), config.condSize(), time, false);
        linear1 = new Linear(embedding.at("linear_1"), time, time);
        linear2 = new Linear(embedding.at("linear_2"), time, time);
        List<KUNetConfig.Level> levels = config.levels();
        int n = levels.size();
        convIn = new Conv2d(p.at("conv_in"), config.inChannels(), levels.get(0).channels(), config.kernelIn());
        for (int i = 0; i < n; i++) {
            long in = levels.get(Math.max(0, i - 1)).channels();
            down.add(Level.down(p.at("down_blocks").at(i), config, levels.get(i), in, i == n - 1));
        }
        for (int i = n - 1; i >= 0; i--) {
            long finer = levels.get(Math.max(0, i - 1)).channels();
            up.add(Level.up(p.at("up_blocks").at(n - 1 - i), config, levels.get(i), finer));
        }
        convOut = new Conv2d(p.at("conv_out"), levels.get(0).channels(), config.outChannels(), config.kernelOut());
    }

    public KUNetConfig config() {
        return config;
    }

    /** Both sides of a sample have to be multiples of this. */
    public int unit() {
        return 1 << (config.levels().size() - 1);
    }

    /**
     * One call.
     *
     * @param sample [B,in,H,W], in the dtype of the weights
     * @param noise a quarter of the logarithm of the noise level σ [1]
     * @param text embeddings [B,n,d]
     * @param cond what is told beside the noise level [B,condSize]
     * @return [B,out,H,W]
     */
    public Tensor forward(Tensor sample, Tensor noise, Tensor text, Tensor cond) {
        Tensor temb = Scopes.keep(() -> embedding(noise, cond));
        List<Tensor> skips = new ArrayList<>();
        Tensor x = convIn.forward(Ops.channelsLast(sample));
        for (int i = 0; i < down.size(); i++) {
            x = down.get(i).forward(x, temb, text);
            skips.add(x);
            x = i == down.size() - 1 ? x : Resampling.halved(x);
        }
        for (int i = 0; i < up.size(); i++) {
            int level = up.size() - 1 - i;
            Tensor in = up.get(i).skips ? Ops.cat(1, x, skips.get(level)) : x;
            x = up.get(i).forward(in, temb, text);
            x = level == 0 ? x : Resampling.doubled(x);
        }
        return convOut.forward(x);
    }

    /** Random Fourier features of the noise level (Tancik et al. 2020), then a perceptron -> [B,timeSize]. */
    private Tensor embedding(Tensor noise, Tensor cond) {
        Tensor angles = Ops.mul(noise.unsqueeze(1).mul(Ops.to(frequencies, Ops.dtype(noise))), 2 * Math.PI);
        Tensor waves =
                config.cosFirst() ? Ops.cat(1, angles.cos(), angles.sin()) : Ops.cat(1, angles.sin(), angles.cos());
        Tensor t = Ops.to(waves, Ops.dtype(cond));
        Tensor told = condProj == null ? t : condProj.forward(cond).add(t);
        return config.postAct().apply(linear2.forward(config.act().apply(linear1.forward(told))));
    }

    /** The layers of one resolution, on one of the ways. */
    private static final class Level {
        private final List<KResnetBlock> resnets = new ArrayList<>();
        private final List<KAttentionBlock> attentions = new ArrayList<>();
        private final boolean skips;

        private Level(boolean skips) {
            this.skips = skips;
        }

        static Level down(Params p, KUNetConfig c, KUNetConfig.Level level, long in, boolean coarsest) {
            Level result = new Level(false);
            long channels = level.channels();
            for (int i = 0; i < level.layers(); i++) {
                result.resnets.add(
                        new KResnetBlock(p.at("resnets").at(i), c, i == 0 ? in : channels, channels, channels));
                if (level.down()) {
                    result.attentions.add(new KAttentionBlock(p.at("attentions").at(i), c, level, channels, coarsest));
                }
            }
            return result;
        }

        /** @param finer channels of the next finer resolution, which the last layer has already */
        static Level up(Params p, KUNetConfig c, KUNetConfig.Level level, long finer) {
            long channels = level.channels();
            // The reference knows the block that follows the coarsest one by its channels.
            boolean first = level.up() && channels == finer && channels == c.timeSize();
            Level result = new Level(!first);
            for (int i = 0; i < level.layers(); i++) {
                long in = i > 0 || first ? channels : 2 * channels;
                long out = i == level.layers() - 1 ? finer : channels;
                long inner = level.up() ? channels : out;
                result.resnets.add(new KResnetBlock(p.at("resnets").at(i), c, in, inner, out));
                if (level.up()) {
                    result.attentions.add(new KAttentionBlock(p.at("attentions").at(i), c, level, out, first));
                }
            }
            return result;
        }

        /** x [B,in,H,W] -> [B,out,H,W]. */
        Tensor forward(Tensor x, Tensor temb, Tensor text) {
            return Scopes.keep(() -> {
                Tensor y = x;
                for (int i = 0; i < resnets.size(); i++) {
                    y = resnets.get(i).forward(y, temb);
                    y = attentions.isEmpty() ? y : attentions.get(i).forward(y, temb, text);
                }
                return y;
            });
        }
    }
}
