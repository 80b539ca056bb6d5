package dev.latente.nn;

import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/** Convolution, channels-last inside. Keys: {@code weight} [out,in,k,k], {@code bias} [out]. */
public final class Conv2d {
    private final Tensor weight; // [out,in,k,k]
    private final Tensor bias; // [out]
    private final long stride;
    private final long padding;

    /** Keeps the size: stride 1, padding k/2. */
    public Conv2d(Params p, long in, long out, long kernel) {
        this(p, in, out, kernel, 1, kernel / 2);
    }

    public Conv2d(Params p, long in, long out, long kernel, long stride, long padding) {
        weight = p.get(Ops::channelsLast, "weight", out, in, kernel, kernel);
        bias = p.get("bias", out);
        this.stride = stride;
        this.padding = padding;
    }

    /** x in the dtype and on the device of the weights; x itself if it is so already. */
    public Tensor accept(Tensor x) {
        return Ops.to(x, Ops.dtype(weight), Ops.device(weight));
    }

    /** x [B,in,H,W] -> [B,out,H',W']. */
    public Tensor forward(Tensor x) {
        return Functional.conv2d(x, weight, bias, stride, padding);
    }
}
