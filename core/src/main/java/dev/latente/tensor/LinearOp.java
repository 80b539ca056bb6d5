package dev.latente.tensor;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** An affine map of the last dimension, over a weight in some layout. Thread-safe. */
public interface LinearOp {
    /** x [...,in] -> [...,out]. */
    Tensor apply(Tensor x);

    /** apply(x) + y [...,out]. */
    default Tensor plus(Tensor x, Tensor y) {
        return Functional.add(y, apply(x));
    }

    /** apply(x) · y [...,out]. */
    default Tensor times(Tensor x, Tensor y) {
        return Functional.mul(apply(x), y);
    }

    /** GELU of apply(x), by the error function. */
    default Tensor gelu(Tensor x) {
        return Functional.gelu(apply(x));
    }

    /** What each map makes of the same x, which is rounded once where maps round it. */
    static List<Tensor> each(Tensor x, LinearOp... maps) {
        if (Arrays.stream(maps).allMatch(EightBits.class::isInstance)) {
            Int8.Activations rounded = Int8.Activations.of(x);
            return Arrays.stream(maps)
                    .map(map -> ((EightBits) map).apply(rounded, false, Ops.dtype(x)))
                    .toList();
        }
        return Arrays.stream(maps).map(map -> map.apply(x)).toList();
    }

    /** value(x) · GELU(gate(x)) (Shazeer 2020, section 2), in as few passes as there are kernels for. */
    static Tensor geglu(Tensor x, LinearOp value, LinearOp gate) {
        if (value instanceof EightBits v && gate instanceof EightBits g) {
            Int8.Activations rounded = Int8.Activations.of(x);
            return v.apply(rounded, false, Ops.dtype(x)).mul_(g.apply(rounded, true, Ops.dtype(x)));
        }
        return value.times(x, gate.gelu(x));
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

    /**
     * The map by 8-bit arithmetic, where {@link #runsInt8} says so.
     *
     * @param values int8 [out,in]
     * @param scales of each output, fp32 [out]
     * @param bias [out]
     * @param arena owns what is made of them
     */
    static LinearOp int8(Tensor values, Tensor scales, @Nullable Tensor bias, Arena arena) {
        Int8.Weight weight = Int8.Weight.linear(values, scales).in(arena);
        return new EightBits(
                weight,
                bias == null ? null : arena.own(() -> Ops.to(bias, DType.F32).clone()));
    }

    /** Whether this machine has kernels for 8-bit arithmetic. */
    static boolean runsInt8() {
        return Int8.runs();
    }

    /** On activations that are rounded to 8 bits on the way in. */
    record EightBits(Int8.Weight weight, @Nullable Tensor bias) implements LinearOp {
        @Override
        public Tensor apply(Tensor x) {
            return apply(Int8.Activations.of(x), false, Ops.dtype(x));
        }

        @Override
        public Tensor gelu(Tensor x) {
            return apply(Int8.Activations.of(x), true, Ops.dtype(x));
        }

        private Tensor apply(Int8.Activations x, boolean gelu, DType dtype) {
            return Int8.linear(x, weight, bias, gelu, dtype);
        }
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
