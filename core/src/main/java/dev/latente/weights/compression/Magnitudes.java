package dev.latente.weights.compression;

import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/**
 * Order among the absolute values of many weights, of which one is in memory at a time: the bits of a positive float grow with
 * it, so two passes that count their upper and their lower half find the value of any rank exactly.
 */
final class Magnitudes {
    private static final int HALF = 16;
    private static final int MASK = (1 << HALF) - 1;

    private Magnitudes() {}

    /**
     * The k-th smallest absolute value.
     *
     * @param weights each of which is made twice
     * @param k from 1 to the number of elements
     */
    static float smallest(List<Supplier<Tensor>> weights, long k) {
        long[] upper = new long[1 << HALF];
        forEach(weights, bits -> upper[bits >>> HALF]++);
        Rank first = rank(upper, k);
        long[] lower = new long[1 << HALF];
        forEach(weights, bits -> {
            if (bits >>> HALF == first.bucket) {
                lower[bits & MASK]++;
            }
        });
        return Float.intBitsToFloat(first.bucket << HALF | rank(lower, first.rest).bucket);
    }

    /** In which bucket the k-th element is, and which of that bucket it is. */
    private record Rank(int bucket, long rest) {}

    private static Rank rank(long[] counts, long k) {
        long rest = k;
        for (int i = 0; i < counts.length; i++) {
            if (rest <= counts[i]) {
                return new Rank(i, rest);
            }
            rest -= counts[i];
        }
        throw new IllegalArgumentException("rank: got [%d], wanted 1 to %d".formatted(k, k - rest));
    }

    private interface Bits {
        void accept(int bits);
    }

    private static void forEach(List<Supplier<Tensor>> weights, Bits body) {
        for (Supplier<Tensor> weight : weights) {
            Scopes.run(() -> {
                Tensor x = Ops.to(weight.get(), DType.F32, Device.CPU).contiguous();
                FloatBuffer values = Ops.buffer(x).asFloatBuffer();
                while (values.hasRemaining()) {
                    body.accept(Float.floatToRawIntBits(values.get()) & Integer.MAX_VALUE);
                }
            });
        }
    }
}
