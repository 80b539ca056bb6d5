package dev.latente.nn;

import dev.latente.tensor.Functional;
import org.bytedeco.pytorch.Tensor;

/** Enlarges by nearest neighbours, then convolves. Key: {@code conv}. */
public final class Upsample {
    private final Conv2d conv;

    public Upsample(Params p, long channels) {
        conv = new Conv2d(p.at("conv"), channels, channels, 3);
    }

    /** x [B,C,H,W] -> [B,C,2H,2W]. */
    public Tensor forward(Tensor x) {
        return forward(x, 2 * x.size(2), 2 * x.size(3));
    }

    /** x [B,C,H,W] -> [B,C,height,width]. */
    public Tensor forward(Tensor x, long height, long width) {
        return conv.forward(Functional.upsampleNearest(x, height, width));
    }
}
