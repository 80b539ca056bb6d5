package dev.latente.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Tensor operations whose native form needs scalars, options or lists; everything else is a method of {@link Tensor}
 * itself. Every result belongs to the innermost open scope of the thread.
 */
public final class Ops {
    private Ops() {}

    // Creation

    public static Tensor empty(DType dtype, Device device, long... shape) {
        try (TensorOptions options = options(dtype, device)) {
            return torch.empty(shape, options, null);
        }
    }

    public static Tensor zeros(DType dtype, Device device, long... shape) {
        try (TensorOptions options = options(dtype, device)) {
            return torch.zeros(shape, options);
        }
    }

    /** Of x's batch, dtype and device, [B,channels,height,width]. */
    public static Tensor emptyChannelsLast(Tensor x, long channels, long height, long width) {
        return empty(dtype(x), device(x), x.size(0), height, width, channels).permute(0, 3, 1, 2);
    }

    public static Tensor full(double value, DType dtype, Device device, long... shape) {
        return empty(dtype, device, shape).fill_(scalar(value));
    }

    /** fp32 on the CPU, copied from the array. */
    public static Tensor of(float[] values, long... shape) {
        Tensor result = empty(DType.F32, Device.CPU, shape);
        check(values.length, result);
        if (values.length > 0) {
            new FloatPointer(result.data_ptr()).put(values, 0, values.length);
        }
        return result;
    }

    /** fp64 on the CPU, copied from the array. */
    public static Tensor of(double[] values, long... shape) {
        Tensor result = empty(DType.F64, Device.CPU, shape);
        check(values.length, result);
        if (values.length > 0) {
            new DoublePointer(result.data_ptr()).put(values, 0, values.length);
        }
        return result;
    }

    /** int64 on the CPU, copied from the array. */
    public static Tensor of(long[] values, long... shape) {
        Tensor result = empty(DType.I64, Device.CPU, shape);
        check(values.length, result);
        if (values.length > 0) {
            new LongPointer(result.data_ptr()).put(values, 0, values.length);
        }
        return result;
    }

    /** Any dtype on the CPU from its little-endian bytes, copied. */
    public static Tensor ofBytes(byte[] bytes, DType dtype, long... shape) {
        Tensor result = empty(dtype, Device.CPU, shape);
        check(bytes.length / dtype.bytes(), result);
        if (bytes.length > 0) {
            new BytePointer(result.data_ptr()).put(bytes, 0, bytes.length);
        }
        return result;
    }

    private static void check(long length, Tensor result) {
        if (length != result.numel()) {
            throw new IllegalArgumentException("%d values do not fill a tensor of shape %s"
                    .formatted(length, java.util.Arrays.toString(shape(result))));
        }
    }

    /** 0, 1, … n-1 as int64 on the CPU. */
    public static Tensor range(long n) {
        try (Scalar end = new Scalar(n);
                TensorOptions options = options(DType.I64, Device.CPU)) {
            return torch.arange(end, options);
        }
    }

    static Tensor permutation(long n, org.bytedeco.pytorch.GeneratorOptional generator) {
        try (TensorOptions options = options(DType.I64, Device.CPU)) {
            return torch.randperm(n, generator, options);
        }
    }

    // Facts

    public static long[] shape(Tensor x) {
        long[] shape = new long[(int) x.dim()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = x.size(i);
        }
        return shape;
    }

    public static DType dtype(Tensor x) {
        return DType.of(x.scalar_type());
    }

    public static Device device(Tensor x) {
        if (x.is_cpu()) {
            return Device.CPU;
        }
        if (x.is_meta()) {
            return Device.META;
        }
        try (org.bytedeco.pytorch.Device handle = x.device()) {
            return new Device(x.is_cuda() ? Device.Type.CUDA : Device.Type.MPS, Math.max(0, handle.index()));
        }
    }

    // Conversion

    /** The same values in another dtype; the tensor itself if it has it already. */
    public static Tensor to(Tensor x, DType dtype) {
        return TensorException.call(
                "to", () -> HalfPrecision.isSlow(x, dtype) ? HalfPrecision.to(x, dtype) : x.to(dtype.scalarType()), x);
    }

    /** The same values in another dtype on another device; the tensor itself if it is there already. */
    public static Tensor to(Tensor x, DType dtype, Device device) {
        if (device.equals(Device.CPU) && x.is_cpu()) {
            return to(x, dtype);
        }
        try (org.bytedeco.pytorch.Device handle = device.handle()) {
            return TensorException.call("to", () -> x.to(handle, dtype.scalarType()), x);
        }
    }

    public static Tensor to(Tensor x, Device device) {
        return to(x, dtype(x), device);
    }

    /** The same values laid out with the channels last; x [B,C,H,W]. */
    public static Tensor channelsLast(Tensor x) {
        return TensorException.call("channels_last", () -> x.contiguous(torch.MemoryFormat.ChannelsLast), x);
    }

    /** All values as fp32, in row-major order. */
    public static float[] floats(Tensor x) {
        float[] out = new float[Math.toIntExact(x.numel())];
        try (Tensor t = to(x, DType.F32, Device.CPU).contiguous()) {
            if (out.length > 0) {
                new FloatPointer(t.data_ptr()).get(out);
            }
        }
        return out;
    }

    /** All values as fp64, in row-major order. */
    public static double[] doubles(Tensor x) {
        double[] out = new double[Math.toIntExact(x.numel())];
        try (Tensor t = to(x, DType.F64, Device.CPU).contiguous()) {
            if (out.length > 0) {
                new DoublePointer(t.data_ptr()).get(out);
            }
        }
        return out;
    }

    /** All values as int64, in row-major order. */
    public static long[] longs(Tensor x) {
        long[] out = new long[Math.toIntExact(x.numel())];
        try (Tensor t = to(x, DType.I64, Device.CPU).contiguous()) {
            if (out.length > 0) {
                new LongPointer(t.data_ptr()).get(out);
            }
        }
        return out;
    }

    /** The raw little-endian bytes, in row-major order. */
    public static byte[] bytes(Tensor x) {
        try (Tensor t = to(x, Device.CPU).contiguous()) {
            byte[] out = new byte[Math.toIntExact(t.numel() * dtype(t).bytes())];
            if (out.length > 0) {
                new BytePointer(t.data_ptr()).get(out);
            }
            return out;
        }
    }

    /** A view of the memory of a contiguous CPU tensor; valid as long as the tensor is. At most 2 GiB. */
    public static ByteBuffer buffer(Tensor x) {
        long bytes = x.numel() * dtype(x).bytes();
        if (bytes == 0) {
            return ByteBuffer.allocateDirect(0);
        }
        return new BytePointer(x.data_ptr()).capacity(bytes).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    // Arithmetic with numbers

    public static Tensor add(Tensor x, double value) {
        try (Scalar s = scalar(value)) {
            return TensorException.call("add", () -> x.add(s), x);
        }
    }

    public static Tensor sub(Tensor x, double value) {
        return add(x, -value);
    }

    public static Tensor mul(Tensor x, double value) {
        try (Scalar s = scalar(value)) {
            return TensorException.call("mul", () -> x.mul(s), x);
        }
    }

    public static Tensor div(Tensor x, double value) {
        try (Scalar s = scalar(value)) {
            return TensorException.call("div", () -> x.div(s), x);
        }
    }

    /** x + factor · y. */
    public static Tensor addScaled(Tensor x, Tensor y, double factor) {
        try (Scalar s = scalar(factor)) {
            return TensorException.call("add", () -> x.add(y, s), x, y);
        }
    }

    /** a · x + b · y; unlike {@link #addScaled}, each product is rounded. */
    public static Tensor combine(double a, Tensor x, double b, Tensor y) {
        return mul(x, a).add(mul(y, b));
    }

    public static Tensor clamp(Tensor x, double low, double high) {
        try (Scalar l = scalar(low);
                Scalar h = scalar(high);
                ScalarOptional lo = new ScalarOptional(l);
                ScalarOptional hi = new ScalarOptional(h)) {
            return TensorException.call("clamp", () -> x.clamp(lo, hi), x);
        }
    }

    public static Tensor pow(Tensor x, double exponent) {
        try (Scalar s = scalar(exponent)) {
            return TensorException.call("pow", () -> x.pow(s), x);
        }
    }

    /** True where x is at least the value. */
    public static Tensor atLeast(Tensor x, double value) {
        try (Scalar s = scalar(value)) {
            return x.ge(s);
        }
    }

    /** The {@code width} bits from each of {@code shifts} up, of bytes: x [...,n] uint8 -> [...,shifts,n] uint8. */
    public static Tensor bits(Tensor x, int width, int... shifts) {
        byte[] by = new byte[shifts.length];
        for (int i = 0; i < by.length; i++) {
            by[i] = (byte) shifts[i];
        }
        try (Scalar mask = new Scalar((1L << width) - 1)) {
            return x.unsqueeze(-2)
                    .bitwise_right_shift(ofBytes(by, DType.U8, by.length, 1))
                    .bitwise_and(mask);
        }
    }

    /** The q-quantile of each row, interpolated; x [B,n] -> [B]. */
    public static Tensor quantile(Tensor x, double q) {
        try (LongOptional dim = new LongOptional(1)) {
            return x.quantile(q, dim, false, "linear");
        }
    }

    // Shape

    public static Tensor cat(long dim, Tensor... parts) {
        try (TensorVector list = new TensorVector(parts)) {
            return TensorException.call("cat", () -> torch.cat(list, dim), parts);
        }
    }

    public static Tensor stack(long dim, Tensor... parts) {
        try (TensorVector list = new TensorVector(parts)) {
            return TensorException.call("stack", () -> torch.stack(list, dim), parts);
        }
    }

    /** Elements [from, to) of a dimension, as a view; {@code to} may be past the end. */
    public static Tensor slice(Tensor x, long dim, long from, long to) {
        try (LongOptional start = new LongOptional(from);
                LongOptional end = new LongOptional(to)) {
            return x.slice(dim, start, end, 1);
        }
    }

    /** Every {@code step}-th element of a dimension, from {@code first} on, as a view. */
    public static Tensor every(Tensor x, long dim, long first, long step) {
        try (LongOptional start = new LongOptional(first);
                LongOptional end = new LongOptional()) {
            return x.slice(dim, start, end, step);
        }
    }

    /** Equal parts along a dimension, as views. */
    public static Tensor[] chunk(Tensor x, int parts, long dim) {
        long size = x.size(dim) / parts;
        Tensor[] out = new Tensor[parts];
        for (int i = 0; i < parts; i++) {
            out[i] = x.narrow(dim, i * size, size);
        }
        return out;
    }

    /** x [B,...], all of it again and again until there are {@code rows} of the first dimension; x itself if there are. */
    public static Tensor repeatTo(Tensor x, long rows) {
        if (x.size(0) >= rows) {
            return x;
        }
        Tensor[] copies = new Tensor[Math.toIntExact(rows / x.size(0))];
        Arrays.fill(copies, x);
        return cat(0, copies); // in the memory format of x, unlike repeat
    }

    /** Each row of the first dimension {@code times} in a row. */
    public static Tensor repeatInterleave(Tensor x, int times) {
        if (times == 1) {
            return x;
        }
        try (LongOptional dim = new LongOptional(0);
                LongOptional size = new LongOptional()) {
            return x.repeat_interleave(times, dim, size);
        }
    }

    /** A view of other sizes and strides that starts where x does; the caller has checked that it stays inside. */
    public static Tensor strided(Tensor x, long[] shape, long[] stride) {
        return x.as_strided(shape, stride);
    }

    // Threads

    /** Waits until the device has computed x. */
    public static void synchronize(Tensor x) {
        if (x.is_cuda()) {
            torch.cuda_synchronize(-1);
        }
    }

    public static void setThreads(int threads) {
        torch.set_num_threads(threads);
    }

    public static int threads() {
        return torch.get_num_threads();
    }

    private static Scalar scalar(double value) {
        return new Scalar(value);
    }

    static TensorOptional optional(@Nullable Tensor x) {
        return x == null ? new TensorOptional() : new TensorOptional(x);
    }

    static TensorOptions options(DType dtype, Device device) {
        try (ScalarTypeOptional type = new ScalarTypeOptional(dtype.scalarType());
                org.bytedeco.pytorch.Device handle = device.handle();
                DeviceOptional where = new DeviceOptional(handle)) {
            return new TensorOptions().dtype(type).device(where);
        }
    }
}
