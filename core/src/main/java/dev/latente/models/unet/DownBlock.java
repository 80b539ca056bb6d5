package dev.latente.models.unet;

import dev.latente.models.unet.Transformer2D.Text;
import dev.latente.nn.Downsample;
import dev.latente.nn.Params;
import dev.latente.nn.ResnetBlock;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** One resolution on the way down: residual blocks, each with a transformer where the stage has attention, then a halving. */
final class DownBlock {
    private final List<ResnetBlock> resnets = new ArrayList<>();
    private final List<Transformer2D> attentions = new ArrayList<>();
    private final @Nullable Downsample downsample;

    DownBlock(Params p, UNetConfig c, int index) {
        UNetConfig.Stage stage = c.down().get(index);
        long out = stage.channels();
        long in = c.down().get(Math.max(0, index - 1)).channels();
        for (int i = 0; i < stage.depths().size(); i++) {
            resnets.add(new ResnetBlock(
                    p.at("resnets").at(i),
                    i == 0 ? in : out,
                    out,
                    c.embeddings().size(),
                    c.groups(),
                    c.eps()));
            if (stage.attention()) {
                attentions.add(new Transformer2D(
                        p.at("attentions").at(i), c, stage, stage.depths().get(i)));
            }
        }
        boolean last = index == c.down().size() - 1;
        downsample = last ? null : new Downsample(p.at("downsamplers").at(0), out, c.downsamplePadding());
    }

    /** x [B,in,H,W] -> [B,out,H/2,W/2], or [B,out,H,W] at the coarsest resolution; pushes each step onto the skips. */
    Tensor forward(Tensor x, Tensor temb, Text text, Deque<Tensor> skips) {
        for (int i = 0; i < resnets.size(); i++) {
            x = resnets.get(i).forward(x, temb);
            if (!attentions.isEmpty()) {
                x = attentions.get(i).forward(x, text);
            }
            skips.push(x);
        }
        if (downsample != null) {
            x = downsample.forward(x);
            skips.push(x);
        }
        return x;
    }
}
