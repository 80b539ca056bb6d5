package dev.latente.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** Conversions over fp32 in blocks are those of libtorch, to the bit. */
final class HalfPrecisionTest {
    /** One after the other, all numbers of 16 bits: subnormal ones, infinities and what is no number, too. */
    private static final long ALL = 1 << 16;

    @Test
    void everyNumberBecomesWhatLibtorchMakesOfIt() {
        converts(DType.F16, DType.BF16, 2 * ALL);
        converts(DType.BF16, DType.F16, 2 * ALL);
    }

    @Test
    void blocksAreWholeAndTheRestIsNotForgotten() {
        converts(DType.F16, DType.BF16, HalfPrecision.BLOCK);
        converts(DType.F16, DType.BF16, HalfPrecision.BLOCK + 1);
        converts(DType.F16, DType.BF16, 2 * HalfPrecision.BLOCK + ALL);
    }

    @Test
    void shapesStay() {
        Scopes.run(() -> {
            Tensor x = Ops.zeros(DType.F16, Device.CPU, 4, 256, 256);
            assertThat(Ops.shape(Ops.to(x, DType.BF16))).containsExactly(4, 256, 256);
        });
    }

    @Test
    void aGradientGoesThrough() {
        Scopes.run(() -> {
            Tensor x = Ops.zeros(DType.F16, Device.CPU, 2 * ALL).set_requires_grad(true);
            assertThat(Ops.to(x, DType.BF16).requires_grad()).isTrue();
        });
    }

    private static void converts(DType from, DType to, long count) {
        Scopes.run(() -> {
            Tensor bits = Ops.to(Ops.range(count), DType.I32).bitwise_and(Ops.of(new long[] {ALL - 1}));
            Tensor x = Ops.to(bits, DType.I16).view(from.scalarType());
            assertThat(HalfPrecision.isSlow(x, to)).isTrue();
            Tensor wanted = x.to(to.scalarType());
            Tensor got = Ops.to(x, to);
            assertThat(got.nan_to_num().equal(wanted.nan_to_num())).isTrue();
            assertThat(got.isnan().equal(wanted.isnan())).isTrue();
        });
    }
}
