package dev.latente.weights.lora;

import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * A change of the direction of a weight's vectors, whose lengths are learned apart, m · V/‖V‖ with V = W + scale · ΔW: DoRA
 * (Liu et al. 2024, "DoRA: Weight-Decomposed Low-Rank Adaptation", section 4.1).
 *
 * @param direction ΔW
 * @param magnitude m, in any shape
 * @param ofInputs whether a vector is what an input gives to all outputs; if not, what an output sees, as in peft
 */
record Decomposed(Delta direction, Tensor magnitude, boolean ofInputs) implements Change {
    @Override
    public Tensor mergedInto(Tensor weight, double scale) {
        requireFit(Ops.shape(weight));
        Tensor moved = direction.mergedInto(weight, scale);
        Tensor vectors = ofInputs ? moved.transpose(0, 1) : moved;
        Tensor norm = Ops.clamp(
                vectors.reshape(vectors.size(0), -1).square().sum(1).sqrt(), Float.MIN_NORMAL, Float.MAX_VALUE);
        long[] broadcast = new long[(int) moved.dim()];
        Arrays.fill(broadcast, 1);
        broadcast[ofInputs ? 1 : 0] = magnitude.numel();
        Tensor length = Ops.to(magnitude, DType.F32, Ops.device(moved)).reshape(-1);
        return moved.mul(length.div(norm).view(broadcast));
    }

    @Override
    public void requireFit(long... shape) {
        direction.requireFit(shape);
        int dim = ofInputs ? 1 : 0;
        if (shape.length < 2 || magnitude.numel() != shape[dim]) {
            throw new IllegalArgumentException("has %d magnitudes, the weight has the shape %s"
                    .formatted(magnitude.numel(), Arrays.toString(shape)));
        }
    }

    @Override
    public Decomposed rows(UnaryOperator<Tensor> rows, Arena arena) {
        if (ofInputs) {
            throw new IllegalArgumentException(
                    "has magnitudes of inputs, whose vectors are those of the fused weight as a whole: train it with weights that are not fused, or with magnitudes of outputs");
        }
        return new Decomposed(direction.rows(rows, arena), arena.own(() -> rows.apply(magnitude.reshape(-1))), false);
    }
}
