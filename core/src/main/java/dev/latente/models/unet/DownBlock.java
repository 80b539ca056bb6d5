package dev.latente.models.unet;

import dev.latente.nn.Downsample;
import dev.latente.nn.Params;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** One resolution on the way down: layers, then a halving. */
final class DownBlock {
    private final List<Layer> layers = new ArrayList<>();
    private final @Nullable Downsample downsample;

    DownBlock(Params p, UNetConfig c, int index) {
        UNetConfig.Stage stage = c.down().get(index);
        long in = c.down().get(Math.max(0, index - 1)).channels();
        for (int i = 0; i < stage.depths().size(); i++) {
            layers.add(new Layer(p, c, stage, i, i == 0 ? in : stage.channels()));
        }
        boolean last = index == c.down().size() - 1;
        downsample = last ? null : new Downsample(p.at("downsamplers").at(0), stage.channels(), c.downsamplePadding());
    }

    /** x [B,in,H,W] -> [B,out,H/2,W/2], or [B,out,H,W] at the coarsest resolution; adds each step to the skips. */
    Tensor forward(Tensor x, Layer.Context context, List<Tensor> skips) {
        for (Layer layer : layers) {
            x = layer.forward(x, context);
            skips.add(x);
        }
        if (downsample != null) {
            x = downsample.forward(x);
            skips.add(x);
        }
        return x;
    }
}
