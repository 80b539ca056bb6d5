package dev.latente.models.unet;

import dev.latente.models.unet.Transformer2D.Text;
import dev.latente.nn.Params;
import dev.latente.nn.ResnetBlock;
import dev.latente.nn.Upsample;
import dev.latente.tensor.Ops;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** One resolution on the way up: residual blocks that also see what the way down left there, then a doubling. */
final class UpBlock {
    private final List<ResnetBlock> resnets = new ArrayList<>();
    private final List<Transformer2D> attentions = new ArrayList<>();
    private final @Nullable Upsample upsample;

    UpBlock(Params p, UNetConfig c, int index) {
        UNetConfig.Stage stage = c.up().get(index);
        long out = stage.channels();
        long in = c.up().get(Math.max(0, index - 1)).channels();
        int last = c.up().size() - 1;
        // The last skip of a resolution was made before its first residual block: by the finer one's halving.
        long finer = c.up().get(Math.min(index + 1, last)).channels();
        int n = stage.depths().size();
        for (int i = 0; i < n; i++) {
            long skip = i == n - 1 ? finer : out;
            resnets.add(new ResnetBlock(
                    p.at("resnets").at(i),
                    (i == 0 ? in : out) + skip,
                    out,
                    c.embeddings().size(),
                    c.groups(),
                    c.eps()));
            if (stage.attention()) {
                attentions.add(new Transformer2D(
                        p.at("attentions").at(i), c, stage, stage.depths().get(i)));
            }
        }
        upsample = index == last ? null : new Upsample(p.at("upsamplers").at(0), out);
    }

    /** x [B,in,H,W] -> [B,out,2H,2W], or [B,out,H,W] at the finest resolution; pops the skips. */
    Tensor forward(Tensor x, Tensor temb, Text text, Deque<Tensor> skips) {
        for (int i = 0; i < resnets.size(); i++) {
            x = resnets.get(i).forward(Ops.cat(1, x, skips.pop()), temb);
            if (!attentions.isEmpty()) {
                x = attentions.get(i).forward(x, text);
            }
        }
        if (upsample == null) {
            return x;
        }
        // A side that was odd when it was halved is not doubled, but gets back the size that it had.
        Tensor next = skips.element();
        return upsample.forward(x, next.size(2), next.size(3));
    }
}
