package dev.latente.models.unet;

import dev.latente.nn.Downsample;
import dev.latente.nn.Params;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** One resolution on the way down: layers, then a halving, but not at the coarsest resolution. */
final class DownBlock {
    /** What makes a skip: a layer or a halving. */
    @FunctionalInterface
    interface Step {
        /** x [B,in,H,W] -> [B,out,H,W], or [B,out,H/2,W/2]. */
        Tensor forward(Tensor x, Layer.Context context);
    }

    private final List<Step> steps = new ArrayList<>();

    DownBlock(Params p, UNetConfig c, int index) {
        UNetConfig.Stage stage = c.down().get(index);
        long in = c.down().get(Math.max(0, index - 1)).channels();
        for (int i = 0; i < stage.depths().size(); i++) {
            Layer layer = new Layer(p, c, stage, i, i == 0 ? in : stage.channels());
            steps.add(layer::forward);
        }
        if (index < c.down().size() - 1) {
            Downsample halving = new Downsample(p.at("downsamplers").at(0), stage.channels(), c.downsamplePadding());
            steps.add((x, context) -> halving.forward(x));
        }
    }

    List<Step> steps() {
        return steps;
    }
}
