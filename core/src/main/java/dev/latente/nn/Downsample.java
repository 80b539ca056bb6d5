package dev.latente.nn;

import dev.latente.tensor.Functional;
import org.bytedeco.pytorch.Tensor;

/** Halves height and width by a strided convolution. Key: {@code conv}. */
public final class Downsample {
    private final Conv2d conv;
    private final long padding;

    /**
     * Keeps the channels.
     *
     * @param padding on every side; 0 pads one row below and one column to the right only, as the autoencoders do
     */
    public Downsample(Params p, long channels, long padding) {
        conv = new Conv2d(p.at("conv"), channels, channels, 3, 2, padding);
        this.padding = padding;
    }

    /** x [B,C,H,W] -> [B,C,H/2,W/2]; odd sizes round up with padding 1, down with padding 0. */
    public Tensor forward(Tensor x) {
        return conv.forward(padding == 0 ? Functional.pad(x, 0, 1, 0, 1) : x);
    }
}
