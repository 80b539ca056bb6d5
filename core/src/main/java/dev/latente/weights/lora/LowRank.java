package dev.latente.weights.lora;

import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/**
 * A change of one weight by a product of two small ones, ΔW = alpha/rank · B·A (Hu et al. 2021, "LoRA", section 4.1).
 *
 * @param a down [rank,in], of a convolution [rank,in,kh,kw]
 * @param b up [out,rank], of a convolution [out,rank,1,1]
 * @param alpha as large as the rank where nothing is to be scaled
 */
public record LowRank(Tensor a, Tensor b, double alpha) {
    public LowRank {
        if (a.dim() < 2 || b.dim() < 2 || b.size(1) != a.size(0) || b.numel() != b.size(0) * a.size(0)) {
            throw new IllegalArgumentException(
                    "A of shape %s does not fit B of shape %s: wanted [rank,in] and [out,rank]"
                            .formatted(Arrays.toString(Ops.shape(a)), Arrays.toString(Ops.shape(b))));
        }
    }

    public long rank() {
        return a.size(0);
    }

    /** What B·A is multiplied with. */
    public double factor() {
        return alpha / rank();
    }

    /**
     * W + scale · ΔW in fp32, differentiable in all three.
     *
     * @param weight [out,in] or [out,in,kh,kw], in any dtype on any device
     * @throws IllegalArgumentException if the shapes do not fit
     */
    public Tensor mergedInto(Tensor weight, double scale) {
        long[] shape = Ops.shape(weight);
        long in = a.numel() / rank();
        if (shape.length < 2 || b.size(0) != shape[0] || b.size(0) * in != weight.numel()) {
            throw new IllegalArgumentException("changes a weight of [%d, %d], the weight has the shape %s"
                    .formatted(b.size(0), in, Arrays.toString(shape)));
        }
        Device device = Ops.device(weight);
        Tensor up = Ops.to(b, DType.F32, device).reshape(b.size(0), rank());
        Tensor down = Ops.to(a, DType.F32, device).reshape(rank(), in);
        return Ops.addScaled(Ops.to(weight, DType.F32), up.mm(down).view(shape), scale * factor());
    }
}
