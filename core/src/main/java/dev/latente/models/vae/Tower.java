package dev.latente.models.vae;

import dev.latente.nn.Conv2d;
import dev.latente.nn.Downsample;
import dev.latente.nn.GroupNorm;
import dev.latente.nn.Params;
import dev.latente.nn.ResnetBlock;
import dev.latente.nn.Upsample;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Recompute;
import dev.latente.tensor.Scopes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/** The encoder or the decoder: a chain of layers. Keys as in diffusers' {@code Encoder} and {@code Decoder}. */
final class Tower {
    private static final double EPS = 1e-6;

    private final VaeConfig config;
    private final List<UnaryOperator<Tensor>> layers = new ArrayList<>();
    private final Conv2d first;

    private Tower(VaeConfig config, Conv2d first) {
        this.config = config;
        this.first = first;
        layers.add(first::forward);
    }

    /** Picture [B,in,H,W] -> moments [B,2·latent,H/f,W/f]. */
    static Tower encoder(Params p, VaeConfig config) {
        List<Long> channels = config.channels();
        int last = channels.size() - 1;
        Tower tower = new Tower(config, new Conv2d(p.at("conv_in"), config.inChannels(), channels.get(0), 3));
        for (int i = 0; i <= last; i++) {
            Params level = p.at("down_blocks").at(i);
            long out = channels.get(i);
            tower.level(
                    level,
                    channels.get(Math.max(0, i - 1)),
                    out,
                    config.layers(),
                    config.attentionDown().get(i));
            if (i < last) {
                tower.layers.add(new Downsample(level.at("downsamplers").at(0), out, 0)::forward);
            }
        }
        tower.middle(p.at("mid_block"), channels.get(last));
        tower.head(p, channels.get(last), 2 * config.latentChannels());
        return tower;
    }

    /** Latents [B,latent,h,w] -> picture [B,out,h·f,w·f]. */
    static Tower decoder(Params p, VaeConfig config) {
        List<Long> channels = config.channels();
        int last = channels.size() - 1;
        Tower tower = new Tower(config, new Conv2d(p.at("conv_in"), config.latentChannels(), channels.get(last), 3));
        tower.middle(p.at("mid_block"), channels.get(last));
        for (int i = 0; i <= last; i++) {
            Params level = p.at("up_blocks").at(i);
            long in = channels.get(Math.min(last, last - i + 1));
            long out = channels.get(last - i);
            tower.level(
                    level, in, out, config.layers() + 1, config.attentionUp().get(i));
            if (i < last) {
                tower.layers.add(new Upsample(level.at("upsamplers").at(0), out)::forward);
            }
        }
        tower.head(p, channels.get(0), config.outChannels());
        return tower;
    }

    /** x as the first layer takes it: in the dtype and on the device of its weights. */
    Tensor accept(Tensor x) {
        return first.accept(x);
    }

    /** Frees what a layer made as soon as the next has used it. */
    Tensor forward(Tensor x) {
        return Scopes.chain(Ops.channelsLast(x), layers);
    }

    private void level(Params p, long in, long out, int count, boolean attention) {
        for (int j = 0; j < count; j++) {
            resnet(p.at("resnets").at(j), j == 0 ? in : out, out);
            if (attention) {
                attention(p.at("attentions").at(j), out);
            }
        }
    }

    private void middle(Params p, long channels) {
        resnet(p.at("resnets").at(0), channels, channels);
        if (config.attentionMiddle()) {
            attention(p.at("attentions").at(0), channels);
        }
        resnet(p.at("resnets").at(1), channels, channels);
    }

    private void head(Params p, long in, long out) {
        GroupNorm norm = new GroupNorm(p.at("conv_norm_out"), config.groups(), in, EPS);
        Conv2d conv = new Conv2d(p.at("conv_out"), in, out, 3);
        layers.add(x -> conv.forward(Functional.siluInPlace(norm.forward(x))));
    }

    private void resnet(Params p, long in, long out) {
        ResnetBlock block = new ResnetBlock(p, in, out, 0, config.groups(), EPS, config.activation());
        layers.add(x -> Recompute.run(inputs -> block.forward(inputs.get(0), null), x));
    }

    private void attention(Params p, long channels) {
        PixelAttention attention = new PixelAttention(p, channels, config.groups());
        layers.add(x -> Recompute.run(inputs -> attention.forward(inputs.get(0)), x));
    }
}
