package dev.latente.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.NoNativeLeaks;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers whose scales are 2 and 0.5, so that the rest can be done in the head. */
@ExtendWith(NoNativeLeaks.class)
class QuantizedTest {
    @BeforeAll
    static void load() {
        Scopes.run(() -> Ops.zeros(DType.F32, Device.CPU, 1));
    }

    @Test
    void roundsToTheNearestAndHalvesToEven() {
        Scopes.run(() -> {
            Quantized q = Quantized.of(Ops.of(new float[] {254, 1, 3, -5, -63.5f, 0.25f, 0.3f, 0}, 2, 4), 8);
            assertThat(Ops.floats(q.scales())).containsExactly(2, 0.5f);
            // 0.5, 1.5 and -2.5 have two neighbours each.
            assertThat(Ops.longs(q.values())).containsExactly(127, 0, 2, -2, -127, 0, 1, 0);
            assertThat(Ops.floats(q.dequantised())).containsExactly(254, 0, 4, -4, -63.5f, 0, 0.5f, 0);
        });
    }

    @Test
    void fourBitsReachSeven() {
        Scopes.run(() -> {
            Quantized q = Quantized.of(Ops.of(new float[] {14, 1, 3, -5, -3.5f, 0.25f, 0.3f, 0}, 2, 4), 4);
            assertThat(Ops.floats(q.scales())).containsExactly(2, 0.5f);
            assertThat(Ops.longs(q.values())).containsExactly(7, 0, 2, -2, -7, 0, 1, 0);
        });
    }

    @Test
    void aKernelHasAScaleForEachOutputChannel() {
        Scopes.run(() -> {
            Quantized q = Quantized.of(Ops.of(new float[] {254, 2, -4, 6, 0, 0, 0, 0, 1, 0, 0, -127}, 3, 1, 2, 2), 8);
            assertThat(Ops.shape(q.values())).containsExactly(3, 1, 2, 2);
            assertThat(Ops.floats(q.scales())).containsExactly(2, 1e-12f, 1);
            assertThat(Ops.longs(q.values())).containsExactly(127, 1, -2, 3, 0, 0, 0, 0, 1, 0, 0, -127);
            assertThat(Ops.floats(q.narrow(2, 1).view(1, 4).dequantised())).containsExactly(1, 0, 0, -127);
        });
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16", "F64"})
    void takesEveryFloatingType(DType dtype) {
        Scopes.run(() -> {
            Tensor weight = Ops.to(Ops.of(new float[] {254, 1, 3, -5}, 1, 4), dtype);
            assertThat(Ops.longs(Quantized.of(weight, 8).values())).containsExactly(127, 0, 2, -2);
        });
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void whatIsNotFiniteHasNoScale(float value) {
        Scopes.run(() -> assertThatThrownBy(() -> Quantized.of(Ops.of(new float[] {1, value}, 1, 2), 8))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not finite"));
    }

    @Test
    void otherWidthsAndShapesAreRefused() {
        Scopes.run(() -> {
            Tensor values = Ops.ofBytes(new byte[4], DType.I8, 2, 2);
            Tensor scales = Ops.of(new float[2], 2);
            assertThatThrownBy(() -> Quantized.of(Ops.of(new float[4], 2, 2), 3))
                    .hasMessage("bits: got [3], wanted 8 or 4");
            assertThatThrownBy(() -> new Quantized(scales, scales, 8)).hasMessageContaining("F32[2], wanted I8");
            assertThatThrownBy(() -> new Quantized(values, values, 8)).hasMessageContaining("I8[2, 2], wanted F32[2]");
            assertThatThrownBy(() -> new Quantized(values, Ops.of(new float[3], 3), 8))
                    .hasMessageContaining("wanted F32[2]");
        });
    }
}
