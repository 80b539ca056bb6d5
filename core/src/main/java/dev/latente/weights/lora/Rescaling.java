package dev.latente.weights.lora;

import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * A change that makes what a layer reads or writes larger or smaller, W + scale · W · v: (IA)³ (Liu et al. 2022, "Few-Shot
 * Parameter-Efficient Fine-Tuning", section 3.3).
 *
 * @param vector v, [n] in any shape
 * @param ofInputs whether it has a number for each input; if not, for each output
 */
record Rescaling(Tensor vector, boolean ofInputs) implements Change {
    @Override
    public Tensor mergedInto(Tensor weight, double scale) {
        long[] shape = Ops.shape(weight);
        requireFit(shape);
        long[] broadcast = new long[shape.length];
        Arrays.fill(broadcast, 1);
        broadcast[ofInputs ? 1 : 0] = vector.numel();
        Tensor w = Ops.to(weight, DType.F32);
        return Ops.addScaled(w, w.mul(Ops.to(vector, DType.F32, Ops.device(w)).view(broadcast)), scale);
    }

    @Override
    public void requireFit(long... shape) {
        int dim = ofInputs ? 1 : 0;
        if (shape.length <= dim || shape[dim] != vector.numel()) {
            throw new IllegalArgumentException("scales %d %s, the weight has the shape %s"
                    .formatted(vector.numel(), ofInputs ? "inputs" : "outputs", Arrays.toString(shape)));
        }
    }

    @Override
    public Rescaling rows(UnaryOperator<Tensor> rows, Arena arena) {
        return ofInputs ? this : new Rescaling(arena.own(() -> rows.apply(vector.reshape(-1))), false);
    }
}
