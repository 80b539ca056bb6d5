package dev.latente.weights.lora;

import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/** A change of one weight: what a file of LoRA or one of its relatives holds for a layer. */
public sealed interface Change permits Change.Delta, Decomposed, Rescaling {
    /**
     * The changed weight in fp32.
     *
     * @param weight in any dtype on any device
     * @param scale 1 as it was trained
     * @throws IllegalArgumentException if the shapes do not fit
     */
    Tensor mergedInto(Tensor weight, double scale);

    /**
     * Makes sure that this changes a weight of that shape.
     *
     * @throws IllegalArgumentException if it does not
     */
    void requireFit(long... shape);

    /**
     * The same of some outputs of the layer, where its weight is several of them, or has them in another order.
     *
     * @param rows takes those of a tensor whose first dimension is that of all outputs
     * @param arena that is to own what is made
     * @throws IllegalArgumentException if it cannot be parted
     */
    Change rows(UnaryOperator<Tensor> rows, Arena arena);

    /** A change that is added: W + scale · factor · P. */
    sealed interface Delta extends Change permits Difference, Hadamard, Kronecker, LowRank, Rows {
        /** The rows of P: outputs of the layer. */
        long out();

        /** The columns of P: what an output sees, inputs times the kernel. */
        long in();

        /** P [out,in] in fp32. */
        Tensor product(Device device);

        /** What P is multiplied with, such as alpha/rank. */
        double factor();

        @Override
        default Delta rows(UnaryOperator<Tensor> rows, Arena arena) {
            return new Rows(this, rows);
        }

        @Override
        default Tensor mergedInto(Tensor weight, double scale) {
            long[] shape = Ops.shape(weight);
            requireFit(shape);
            Tensor change = product(Ops.device(weight)).view(shape);
            return Ops.addScaled(Ops.to(weight, DType.F32), change, scale * factor());
        }

        @Override
        default void requireFit(long... shape) {
            long behind = Arrays.stream(shape).skip(1).reduce(1, Math::multiplyExact);
            if (shape.length == 0 || shape[0] != out() || behind != in()) {
                throw new IllegalArgumentException("changes a weight of [%d, %d], the weight has the shape %s"
                        .formatted(out(), in(), Arrays.toString(shape)));
            }
        }
    }
}
