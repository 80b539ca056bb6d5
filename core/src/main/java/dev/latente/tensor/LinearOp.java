package dev.latente.tensor;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** An affine map of the last dimension, over a weight in some layout. Thread-safe. */
public interface LinearOp {
    /** x [...,in] -> [...,out]. */
    Tensor apply(Tensor x);

    /** apply(x) + y [...,out]. */
    default Tensor plus(Tensor x, Tensor y) {
        return y.add(apply(x));
    }

    /** apply(x) · y [...,out]. */
    default Tensor times(Tensor x, Tensor y) {
        return apply(x).mul(y);
    }

    /** GELU of apply(x), by the error function. */
    default Tensor gelu(Tensor x) {
        return Functional.gelu(apply(x));
    }

    /**
     * The map by the kernels that its weight is laid out for.
     *
     * @param weight [out,in], as {@link WeightLayout#linear} gave it
     * @param bias [out]
     */
    static LinearOp of(Tensor weight, @Nullable Tensor bias) {
        return weight.is_mkldnn() ? new Prepared(weight, bias) : x -> Functional.linear(x, weight, bias);
    }

    /** With what follows a map done in the same pass. */
    record Prepared(Tensor weight, @Nullable Tensor bias) implements LinearOp {
        @Override
        public Tensor apply(Tensor x) {
            return OneDnn.linear(x, weight, bias);
        }

        @Override
        public Tensor plus(Tensor x, Tensor y) {
            return OneDnn.linearPlus(x, y, weight, bias);
        }

        @Override
        public Tensor times(Tensor x, Tensor y) {
            return OneDnn.linearTimes(x, y, weight, bias);
        }

        @Override
        public Tensor gelu(Tensor x) {
            return OneDnn.linearGelu(x, weight, bias);
        }
    }
}
