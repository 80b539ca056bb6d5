package dev.latente.weights.lora;

import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * A change of one weight by a product of two small ones, ΔW = alpha/rank · B·A (Hu et al. 2021, "LoRA", section 4.1).
 * Differentiable in both.
 *
 * @param a down [rank,in], of a convolution [rank,in,kh,kw]
 * @param b up [out,rank], of a convolution [out,rank,1,1]
 * @param alpha as large as the rank where nothing is to be scaled
 */
public record LowRank(Tensor a, Tensor b, double alpha) implements Change.Delta {
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

    @Override
    public double factor() {
        return alpha / rank();
    }

    @Override
    public long out() {
        return b.size(0);
    }

    @Override
    public long in() {
        return a.numel() / rank();
    }

    @Override
    public LowRank rows(UnaryOperator<Tensor> rows, Arena arena) {
        return new LowRank(a, arena.own(() -> rows.apply(b)), alpha);
    }

    @Override
    public Tensor product(Device device) {
        Tensor up = Ops.to(b, DType.F32, device).reshape(out(), rank());
        return up.mm(Ops.to(a, DType.F32, device).reshape(rank(), in()));
    }
}
