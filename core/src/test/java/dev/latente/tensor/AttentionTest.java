package dev.latente.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.latente.golden.GoldenCase;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttentionTest {
    /** Ten bits of mantissa less than fp32: a rounded score moves a weight by a few parts in a hundred. */
    private static final double BF16 = 0.02;

    @ParameterizedTest
    @CsvSource({"1,1,1,1,1", "2,3,7,5,4", "1,2,77,77,64", "2,8,65,130,40", "1,1,3000,1500,8"})
    void chunkedIsExact(long batch, long heads, long n, long m, long d) {
        Scopes.run(() -> {
            Tensor[] x = inputs(batch, heads, n, m, d);
            compare(x, null, 0);
            compare(x, null, 1);
            compare(x, x[3], 0);
            compare(x, Ops.slice(Ops.slice(x[3], 1, 0, 1), 2, 0, 1), 0);
        });
    }

    private static void compare(Tensor[] x, @Nullable Tensor mask, double scale) {
        Tensor expected = Functional.scaledDotProduct(x[0], x[1], x[2], mask, false, scale);
        GoldenCase.assertClose("fp32", Attention.chunked(x[0], x[1], x[2], mask, scale), expected, 1e-5, 1e-5);
    }

    @ParameterizedTest
    @CsvSource({"BF16,false", "BF16,true", "F16,false", "F16,true"})
    void sixteenBitsStayClose(DType dtype, boolean causal) {
        Scopes.run(() -> {
            Tensor[] x = inputs(2, 4, 96, 96, 40);
            for (int i = 0; i < 4; i++) {
                x[i] = Ops.to(Ops.to(x[i], dtype), DType.F32);
            }
            for (Tensor mask : new Tensor[] {null, x[3]}) {
                Tensor expected = Attention.attend(x[0], x[1], x[2], mask, causal, 0);
                Tensor got = Attention.attend(
                        Ops.to(x[0], dtype),
                        Ops.to(x[1], dtype),
                        Ops.to(x[2], dtype),
                        mask == null ? null : Ops.to(mask, dtype),
                        causal,
                        0);
                assertEquals(dtype, Ops.dtype(got));
                GoldenCase.assertClose(dtype.code(), got, expected, BF16, BF16);
            }
        });
    }

    @Test
    void headsOfAWiderTensorAreRead() {
        Scopes.run(() -> {
            try (Rng rng = new Rng(1)) {
                Tensor x = rng.normal(2, 9, 12);
                Tensor q = Attention.splitHeads(x, 3);
                Tensor expected = Functional.scaledDotProduct(q, q, q, null, false, 0);
                Tensor got = Attention.chunked(q, q, q, null, 0);
                GoldenCase.assertClose("heads", Attention.mergeHeads(got), Attention.mergeHeads(expected), 1e-5, 1e-5);
            }
        });
    }

    @Test
    void aQueryThatSeesNothingGivesZeros() {
        Scopes.run(() -> {
            Tensor[] x = inputs(1, 1, 2, 3, 4);
            Tensor mask = Attention.keyMask(Ops.zeros(DType.I64, Device.CPU, 1, 3), x[0]);
            assertArrayEquals(new float[8], Ops.floats(Attention.chunked(x[0], x[1], x[2], mask, 0)));
        });
    }

    /** q, k, v and a mask of random numbers. */
    private static Tensor[] inputs(long batch, long heads, long n, long m, long d) {
        try (Rng rng = new Rng(7)) {
            Tensor mask = rng.normal(batch, heads, n, m);
            return new Tensor[] {
                rng.normal(batch, heads, n, d), rng.normal(batch, heads, m, d), rng.normal(batch, heads, m, d), mask
            };
        }
    }
}
