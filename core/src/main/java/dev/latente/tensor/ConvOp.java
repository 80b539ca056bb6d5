package dev.latente.tensor;

import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;

/** A convolution, over a weight in some layout. Thread-safe. */
public interface ConvOp {
    /** x [B,in,H,W], bias [out] -> [B,out,H',W']. */
    Tensor apply(Tensor x, Tensor bias);

    /**
     * The convolution by the kernels that its weight is laid out for.
     *
     * @param weight [out,in,k,k], as {@link WeightLayout#conv} gave it for this stride and padding
     */
    static ConvOp of(Tensor weight, long stride, long padding) {
        return weight.is_mkldnn()
                ? new Prepared(weight, Operator.integers(stride, stride), Operator.integers(padding, padding))
                : (x, bias) -> Functional.conv2d(x, weight, bias, stride, padding);
    }

    /**
     * The convolution by 8-bit arithmetic, where {@link LinearOp#runsInt8} says so.
     *
     * @param values int8 [out,in,k,k]
     * @param scales of each output, fp32 [out]
     * @param arena owns what is made of them
     */
    static ConvOp int8(Tensor values, Tensor scales, long stride, long padding, Arena arena) {
        IValue strides = Operator.integers(stride, stride);
        IValue paddings = Operator.integers(padding, padding);
        Int8.Weight weight = Int8.Weight.conv(values, scales, strides, paddings).in(arena);
        return (x, bias) -> Int8.conv(x, weight, Ops.to(bias, DType.F32), strides, paddings);
    }

    /** By oneDNN. */
    record Prepared(Tensor weight, IValue stride, IValue padding) implements ConvOp {
        @Override
        public Tensor apply(Tensor x, Tensor bias) {
            return OneDnn.conv(x, weight, bias, stride, padding);
        }
    }
}
