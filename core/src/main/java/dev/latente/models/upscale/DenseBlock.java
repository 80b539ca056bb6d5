package dev.latente.models.upscale;

import dev.latente.nn.Conv2d;
import dev.latente.nn.Params;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Convolutions of which each sees what all before it made (Huang et al. 2017), without normalisation, as a residual (Wang et
 * al. 2018, section 3.1). Keys: {@code conv1} to {@code conv5}.
 */
final class DenseBlock {
    static final int LAYERS = 5;
    /** Share of a residual that is added, so that deep networks stay trainable. */
    static final double RESIDUAL = 0.2;

    private static final double SLOPE = 0.2;

    private final List<Conv2d> layers = new ArrayList<>();

    DenseBlock(Params p, long features, long growth) {
        for (int i = 0; i < LAYERS; i++) {
            layers.add(
                    new Conv2d(p.at("conv" + (i + 1)), features + i * growth, i < LAYERS - 1 ? growth : features, 3));
        }
    }

    /** x [B,C,H,W] -> the same shape. */
    Tensor forward(Tensor x) {
        return Scopes.keep(() -> {
            Tensor seen = x;
            for (Conv2d layer : layers.subList(0, LAYERS - 1)) {
                seen = Ops.cat(1, seen, activated(layer.forward(seen)));
            }
            return Ops.addScaled(x, layers.get(LAYERS - 1).forward(seen), RESIDUAL);
        });
    }

    /** The activation of all these networks, into x. */
    static Tensor activated(Tensor x) {
        return Functional.leakyReluInPlace(x, SLOPE);
    }
}
