package dev.latente.models.unet;

import dev.latente.nn.Params;
import dev.latente.nn.Upsample;
import dev.latente.tensor.Scopes;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** One resolution on the way up: layers that also see what the way down left there, then a doubling. */
final class UpBlock {
    private final List<Layer> layers = new ArrayList<>();
    private final @Nullable Upsample upsample;

    UpBlock(Params p, UNetConfig c, int index) {
        UNetConfig.Stage stage = c.up().get(index);
        int last = c.up().size() - 1;
        int n = stage.depths().size();
        for (int i = 0; i < n; i++) {
            long in = i == 0 ? c.up().get(Math.max(0, index - 1)).channels() : stage.channels();
            // The last skip of a resolution was made before its first residual block: by the finer one's halving.
            long skip =
                    c.up().get(i < n - 1 ? index : Math.min(index + 1, last)).channels();
            layers.add(new Layer(p, c, stage, i, in + skip));
        }
        upsample = index == last ? null : new Upsample(p.at("upsamplers").at(0), stage.channels());
    }

    /** x [B,in,H,W] -> [B,out,2H,2W], or [B,out,H,W] at the finest resolution; pops the skips. */
    Tensor forward(Tensor x, Layer.Context context, Deque<Tensor> skips) {
        for (Layer layer : layers) {
            Tensor h = x;
            x = Scopes.keep(() -> layer.forward(h, skips.pop(), context));
        }
        if (upsample == null) {
            return x;
        }
        // A side that was odd when it was halved is not doubled, but gets back the size that it had.
        Tensor next = skips.element();
        return upsample.forward(x, next.size(2), next.size(3));
    }
}
