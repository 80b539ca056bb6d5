package dev.latente.weights;

import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/**
 * A weight as whole numbers and one scale for each output channel, w ≈ q · s: symmetric weight-only quantisation (Jacob et al.
 * 2018, "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", section 2.1, with the
 * zero point at 0 and as many scales as outputs).
 *
 * @param values q, int8 [out,in] or [out,in,k,k], from -{@link #most} to {@code most}
 * @param scales s, fp32 [out]
 * @param bits of a value in a file: 8, or 4 for two values to a byte
 */
public record Quantized(Tensor values, Tensor scales, int bits) {
    /** The scale of a channel of zeros: small, and nothing is divided by zero. */
    private static final double SMALLEST_SCALE = 1e-12;

    public Quantized {
        most(bits);
        if (Ops.dtype(values) != DType.I8 || values.dim() < 2) {
            throw new IllegalArgumentException("quantised weight: values are %s%s, wanted I8 [out,in,…]"
                    .formatted(Ops.dtype(values).code(), Arrays.toString(Ops.shape(values))));
        }
        if (Ops.dtype(scales) != DType.F32 || scales.dim() != 1 || scales.size(0) != values.size(0)) {
            throw new IllegalArgumentException("quantised weight: scales are %s%s, wanted F32[%d]"
                    .formatted(Ops.dtype(scales).code(), Arrays.toString(Ops.shape(scales)), values.size(0)));
        }
    }

    /** The largest value of that many bits, without the lowest one, which has no opposite: 127 or 7. */
    public static int most(int bits) {
        if (bits != 8 && bits != 4) {
            throw new IllegalArgumentException("bits: got [%d], wanted 8 or 4".formatted(bits));
        }
        return (1 << (bits - 1)) - 1;
    }

    /**
     * Rounds a weight to the nearest multiples of its scales, halves to even: s = max|w| / most over a channel.
     *
     * @param weight [out,in,…] in any floating dtype
     * @throws IllegalArgumentException if it holds a value that is not finite
     */
    public static Quantized of(Tensor weight, int bits) {
        int most = most(bits);
        Tensor rows = Ops.to(weight, DType.F32).reshape(weight.size(0), -1); // [out,…]
        Tensor largest = rows.abs().amax(new long[] {1}, false); // [out]
        if (!isFinite(largest)) {
            throw new IllegalArgumentException("holds a value that is not finite");
        }
        Tensor scales = Ops.clamp(Ops.div(largest, most), SMALLEST_SCALE, Float.MAX_VALUE);
        Tensor values =
                Scopes.keep(() -> Ops.to(Ops.clamp(rows.div(scales.unsqueeze(1)).round(), -most, most), DType.I8));
        return new Quantized(values.view(Ops.shape(weight)), scales, bits);
    }

    static boolean isFinite(Tensor x) {
        return x.isfinite().all().item_bool();
    }

    /** q · s, fp32, in the shape of the values. */
    public Tensor dequantised() {
        return Ops.to(values, DType.F32).mul(scales.view(broadcast(Ops.shape(values))));
    }

    public Quantized to(Device device) {
        return new Quantized(Ops.to(values, device), Ops.to(scales, device), bits);
    }

    /** Output channels [from, from + count), as views. */
    public Quantized narrow(long from, long count) {
        return new Quantized(values.narrow(0, from, count), scales.narrow(0, from, count), bits);
    }

    /** The same values in another shape with as many output channels. */
    public Quantized view(long... shape) {
        return new Quantized(values.view(shape), scales, bits);
    }

    /** [out,1,…], in which scales are multiplied with values of that shape. */
    static long[] broadcast(long[] shape) {
        long[] ones = new long[shape.length];
        Arrays.fill(ones, 1);
        ones[0] = shape[0];
        return ones;
    }
}
