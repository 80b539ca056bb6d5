package dev.latente.tensor;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * oneDNN's kernels over weights that lie as these kernels read them, which libtorch would else lay out anew in every call,
 * and with what follows done while the result is still in registers.
 */
final class OneDnn {
    /** A size that its layouts are asked for with; those of other sizes are the same. */
    private static final long ROWS = 4096;

    private static final long SIDE = 32;

    private static final Map<DType, Boolean> RUNS = new EnumMap<>(DType.class);

    private OneDnn() {}

    /** The operators, looked up when the first is called. */
    private static final class Operators {
        static final Operator LINEAR_WEIGHT = new Operator("reorder", "mkldnn::_reorder_linear_weight", "");
        static final Operator CONV_WEIGHT = new Operator("reorder", "mkldnn::_reorder_convolution_weight", "");
        static final Operator LINEAR = new Operator("linear", "mkldnn::_linear_pointwise", "");
        static final Operator LINEAR_BINARY = new Operator("linear", "mkldnn::_linear_pointwise", "binary");
        static final Operator CONV = new Operator("conv2d", "mkldnn::_convolution_pointwise", "");
        static final IValue ONE = Operator.constant(1);
        static final IValue ONES = Operator.integers(1, 1);
        static final IValue NO_SCALARS = LINEAR.emptyList(4);
        static final IValue NONE = Operator.constant("none");
        static final IValue GELU = Operator.constant("gelu");
        static final IValue ADD = Operator.constant("add");
        static final IValue MUL = Operator.constant("mul");
        static final IValue ROW_COUNT = Operator.constant(ROWS);
    }

    /** Whether prepared weights of that dtype have fast kernels on this machine. */
    static synchronized boolean runs(DType dtype) {
        return RUNS.computeIfAbsent(dtype, OneDnn::tried);
    }

    private static boolean tried(DType dtype) {
        if ((dtype != DType.F32 && dtype != DType.BF16) || !torch.hasMKLDNN()) {
            return false;
        }
        try {
            return Scopes.within(() -> {
                Tensor x = Ops.zeros(dtype, Device.CPU, 2, 16);
                return linear(x, linearWeight(Ops.zeros(dtype, Device.CPU, 16, 16)), null)
                                .size(1)
                        == 16;
            });
        } catch (RuntimeException e) {
            return false; // built without it, or a processor that it has no kernels for
        }
    }

    /** weight [out,in], laid out. */
    static Tensor linearWeight(Tensor weight) {
        return Operators.LINEAR_WEIGHT.call(List.of(weight), new IValue(weight.contiguous()), Operators.ROW_COUNT);
    }

    /** weight [out,in,k,k], laid out. */
    static Tensor convWeight(Tensor weight, long stride, long padding) {
        return Operators.CONV_WEIGHT.call(
                List.of(weight),
                new IValue(weight),
                Operator.integers(padding, padding),
                Operator.integers(stride, stride),
                Operators.ONES,
                Operators.ONE,
                Operator.integers(2, weight.size(1), SIDE, SIDE));
    }

    /** x [...,in], weight from {@link #linearWeight} -> [...,out]. */
    static Tensor linear(Tensor x, Tensor weight, @Nullable Tensor bias) {
        return linear(x, weight, bias, Operators.NONE);
    }

    static Tensor linearGelu(Tensor x, Tensor weight, @Nullable Tensor bias) {
        return linear(x, weight, bias, Operators.GELU);
    }

    private static Tensor linear(Tensor x, Tensor weight, @Nullable Tensor bias, IValue activation) {
        return Operators.LINEAR.call(
                List.of(x, weight),
                new IValue(x),
                new IValue(weight),
                Operator.value(bias),
                activation,
                Operators.NO_SCALARS,
                Operators.NONE);
    }

    /** linear(x) + y. */
    static Tensor linearPlus(Tensor x, Tensor y, Tensor weight, @Nullable Tensor bias) {
        return linear(x, y, weight, bias, Operators.ADD);
    }

    /** linear(x) · y. */
    static Tensor linearTimes(Tensor x, Tensor y, Tensor weight, @Nullable Tensor bias) {
        return linear(x, y, weight, bias, Operators.MUL);
    }

    private static Tensor linear(Tensor x, Tensor y, Tensor weight, @Nullable Tensor bias, IValue operation) {
        return Operators.LINEAR_BINARY.call(
                List.of(x, weight), new IValue(x), new IValue(y), new IValue(weight), Operator.value(bias), operation);
    }

    /**
     * x [B,in,H,W], weight from {@link #convWeight} for the same stride and padding -> [B,out,H',W'].
     *
     * @param stride a list of two numbers, as is {@code padding}
     */
    static Tensor conv(Tensor x, Tensor weight, Tensor bias, IValue stride, IValue padding) {
        return Operators.CONV.call(
                List.of(x, weight),
                new IValue(x),
                new IValue(weight),
                new IValue(bias),
                padding,
                stride,
                Operators.ONES,
                Operators.ONE,
                Operators.NONE,
                Operators.NO_SCALARS,
                Operators.NONE);
    }
}
