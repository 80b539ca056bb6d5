package dev.latente.tensor;

import java.util.List;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * oneDNN's kernels for whole numbers: weights of 8 bits with a scale for each output, activations of 8 bits with one scale and
 * one zero point, which follow what is in them (dynamic quantisation: Jacob et al. 2018, "Quantization and Training of Neural
 * Networks for Efficient Integer-Arithmetic-Only Inference", section 2.1). Sums are exact; results have the dtype of x.
 */
final class Int8 {
    /** The largest activation; one less than fits, because zero points are rounded up. */
    private static final int LARGEST = 254;

    /** Keeps the scale of nothing but zeros above 0. */
    private static final double SMALLEST_SCALE = 1e-12;

    private static @Nullable Boolean runs;

    private Int8() {}

    /** The operators, looked up when the first is called. */
    private static final class Operators {
        static final Operator LINEAR_WEIGHT = new Operator("reorder", "onednn::qlinear_prepack", "");
        static final Operator CONV_WEIGHT = new Operator("reorder", "onednn::qconv_prepack", "");
        static final Operator LINEAR = new Operator("linear", "onednn::qlinear_pointwise", "");
        static final Operator CONV = new Operator("conv2d", "onednn::qconv_pointwise", "");
        static final IValue NONE = Operator.constant("none");
        static final IValue GELU = Operator.constant("gelu");
        static final IValue EMPTY = Operator.constant("");
        static final IValue ZERO = Operator.constant(0);
        static final IValue ONE = Operator.constant(1);
        static final IValue UNSCALED = Operator.constant(1.0);
        static final IValue ONES = Operator.integers(1, 1);
        static final IValue NOTHING = Operator.nothing();
        static final IValue NO_ARGUMENTS = LINEAR.emptyList(11);
        static final IValue NO_SCALARS = CONV.emptyList(15);
    }

    /** Whether this machine has the operators. */
    static synchronized boolean runs() {
        if (runs == null) {
            runs = OneDnn.runs(DType.BF16) && tried();
        }
        return runs;
    }

    private static boolean tried() {
        try {
            return Scopes.within(() -> {
                Tensor values = Ops.zeros(DType.I8, Device.CPU, 16, 16);
                Weight weight = Weight.linear(values, Ops.full(1, DType.F32, Device.CPU, 16));
                Activations none = Activations.of(Ops.zeros(DType.BF16, Device.CPU, 2, 16));
                return linear(none, weight, null, false, DType.BF16).size(1) == 16;
            });
        } catch (RuntimeException e) {
            return false; // built without it, or a processor that it has no kernels for
        }
    }

    /**
     * A weight laid out for the kernels.
     *
     * @param values whole numbers, laid out
     * @param scales of each output, fp32 [out]
     * @param zeros of each output, int32 [out]: weights are symmetric
     */
    record Weight(Tensor values, Tensor scales, Tensor zeros) {
        /** values int8 [out,in], scales fp32 [out]. */
        static Weight linear(Tensor values, Tensor scales) {
            Tensor laidOut =
                    Operators.LINEAR_WEIGHT.call(List.of(values), new IValue(values.contiguous()), Operators.NOTHING);
            return of(laidOut, scales);
        }

        /** values int8 [out,in,k,k], scales fp32 [out]. */
        static Weight conv(Tensor values, Tensor scales, IValue stride, IValue padding) {
            // The scale and the zero point of activations say only that there are some: calls bring their own.
            Tensor laidOut = Operators.CONV_WEIGHT.call(
                    List.of(values),
                    new IValue(Ops.channelsLast(values)),
                    new IValue(scales),
                    Operators.UNSCALED,
                    Operators.ONE,
                    stride,
                    padding,
                    Operators.ONES,
                    Operators.ONE,
                    Operators.NOTHING);
            return of(laidOut, scales);
        }

        /** The same, owned by an arena. */
        Weight in(Arena arena) {
            return new Weight(arena.own(() -> new Tensor(values)), arena.own(scales::clone), arena.own(zeros::clone));
        }

        private static Weight of(Tensor laidOut, Tensor scales) {
            return new Weight(laidOut, scales, Ops.zeros(DType.I32, Device.CPU, scales.size(0)));
        }
    }

    /** x ≈ (values - zero) · scale, values uint8. */
    record Activations(Tensor values, double scale, long zero) {
        /** Rounds x to the nearest of 255 numbers between its smallest and its largest, 0 being one of them. */
        static Activations of(Tensor x) {
            double low;
            double high;
            try (T_TensorTensor_T ends = torch.aminmax(x)) {
                low = Math.min(0, ends.get0().item_double());
                high = Math.max(0, ends.get1().item_double());
            }
            double scale = Math.max((high - low) / LARGEST, SMALLEST_SCALE);
            long zero = (long) Math.ceil(-low / scale);
            Tensor offset = Ops.full((double) zero, Ops.dtype(x), Device.CPU);
            // One pass each: x / scale + zero, the rounding, the bytes.
            Tensor values = Ops.to(Ops.addScaled(offset, x, 1 / scale).round_(), DType.U8);
            return new Activations(values, scale, zero);
        }
    }

    /** x [...,in], bias fp32 [out] -> [...,out] in a dtype, then GELU if wanted. */
    static Tensor linear(Activations q, Weight weight, @Nullable Tensor bias, boolean gelu, DType dtype) {
        return Operators.LINEAR.call(
                List.of(q.values, weight.values),
                new IValue(q.values),
                new IValue(q.scale),
                new IValue(q.zero),
                new IValue(weight.values),
                new IValue(weight.scales),
                new IValue(weight.zeros),
                Operator.value(bias),
                Operators.UNSCALED,
                Operators.ZERO,
                new IValue(dtype.scalarType()),
                gelu ? Operators.GELU : Operators.NONE,
                Operators.NO_ARGUMENTS,
                gelu ? Operators.NONE : Operators.EMPTY);
    }

    /** x [B,in,H,W], bias fp32 [out] -> [B,out,H',W']. */
    static Tensor conv(Tensor x, Weight weight, Tensor bias, IValue stride, IValue padding) {
        Activations q = Activations.of(x);
        return Operators.CONV.call(
                List.of(x, weight.values),
                new IValue(q.values),
                new IValue(q.scale),
                new IValue(q.zero),
                new IValue(weight.values),
                new IValue(weight.scales),
                new IValue(weight.zeros),
                new IValue(bias),
                stride,
                padding,
                Operators.ONES,
                Operators.ONE,
                Operators.UNSCALED,
                Operators.ZERO,
                new IValue(Ops.dtype(x).scalarType()),
                Operators.NONE,
                Operators.NO_SCALARS,
                Operators.EMPTY);
    }
}
