package dev.latente.nn;

import dev.latente.tensor.ConvOp;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/** Convolution, channels-last inside. Keys: {@code weight} [out,in,k,k], {@code bias} [out]. */
public final class Conv2d {
    private final Held<ConvOp> op;
    private final Tensor bias; // [out]

    /** Keeps the size: stride 1, padding k/2. */
    public Conv2d(Params p, long in, long out, long kernel) {
        this(p, in, out, kernel, 1, kernel / 2);
    }

    public Conv2d(Params p, long in, long out, long kernel, long stride, long padding) {
        op = p.conv(stride, padding, out, in, kernel, kernel);
        bias = p.get("bias", out);
    }

    /** x in the dtype and on the device of the weights; x itself if it is so already. */
    public Tensor accept(Tensor x) {
        return Ops.to(x, Ops.dtype(bias), Ops.device(bias));
    }

    /** x [B,in,H,W] -> [B,out,H',W']. */
    public Tensor forward(Tensor x) {
        return op.use(conv -> conv.apply(x, bias));
    }

    /** forward(x) with a number more in each channel: shift [B,out], or [1,out], which costs nothing -> [B,out,H',W']. */
    public Tensor shifted(Tensor x, Tensor shift) {
        return shift.size(0) == 1
                ? op.use(conv -> conv.apply(x, bias.add(shift.squeeze(0))))
                : Functional.addInto(forward(x), shift.unsqueeze(-1).unsqueeze(-1));
    }
}
