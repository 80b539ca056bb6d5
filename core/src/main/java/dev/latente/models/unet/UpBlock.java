package dev.latente.models.unet;

import dev.latente.nn.Params;
import dev.latente.nn.Upsample;
import dev.latente.tensor.Scopes;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** One resolution on the way up: layers that also see what the way down left there, then a doubling. */
final class UpBlock {
    private final List<Step> steps = new ArrayList<>();

    UpBlock(Params p, UNetConfig c, int index) {
        UNetConfig.Stage stage = c.up().get(index);
        int last = c.up().size() - 1;
        int n = stage.depths().size();
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            long in = i == 0 ? c.up().get(Math.max(0, index - 1)).channels() : stage.channels();
            // The last skip of a resolution was made before its first residual block: by the finer one's halving.
            long skip =
                    c.up().get(i < n - 1 ? index : Math.min(index + 1, last)).channels();
            layers.add(new Layer(p, c, stage, i, in + skip));
        }
        Upsample doubling =
                index == last ? null : new Upsample(p.at("upsamplers").at(0), stage.channels());
        for (int i = 0; i < n; i++) {
            steps.add(new Step(layers.get(i), i == n - 1 ? doubling : null));
        }
    }

    List<Step> steps() {
        return steps;
    }

    /** What joins one skip. */
    record Step(Layer layer, @Nullable Upsample doubling) {
        /** x [B,a,H,W], skip [B,in-a,H,W] -> [B,out,H,W], or of the size of the next skip where that is a finer one. */
        Tensor forward(Tensor x, Tensor skip, Tensor next, Layer.Context context) {
            Tensor y = Scopes.keep(() -> layer.forward(x, skip, context));
            // A side that was odd when it was halved is not doubled, but gets back the size that it had.
            return doubling == null ? y : doubling.forward(y, next.size(2), next.size(3));
        }
    }
}
