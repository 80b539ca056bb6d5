package dev.latente.models.unet;

import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The beginning of a call of the U-Net: its finest skips, which {@link UNet2DCondition#deep} goes on from and
 * {@link UNet2DCondition#finish} comes back to.
 */
public final class Shallow {
    private final List<Tensor> skips; // the finest first
    private final Layer.Context context;

    Shallow(List<Tensor> skips, Layer.Context context) {
        this.skips = List.copyOf(skips);
        this.context = context;
    }

    List<Tensor> skips() {
        return skips;
    }

    Layer.Context context() {
        return context;
    }

    /** Number of the coarsest of these skips: the branch that it was made for. */
    int branch() {
        return skips.size() - 1;
    }

    /**
     * What the first layer added to its input [B,C,H,W], in fp32.
     *
     * @throws IllegalArgumentException if the beginning ends before that layer, at branch 0
     */
    public Tensor firstResidual() {
        if (branch() == 0) {
            throw new IllegalArgumentException("first residual: got branch [0], wanted at least 1");
        }
        Tensor after = Ops.to(skips.get(1), DType.F32);
        return after.sub(Ops.repeatTo(skips.get(0), after.size(0)));
    }
}
