package dev.latente.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.NoNativeLeaks;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import dev.latente.tensor.WeightLayout;
import dev.latente.weights.WeightSources;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A picture that is worked on band by band is the picture that it is as a whole. */
@ExtendWith(NoNativeLeaks.class)
class BandsTest {
    private static final long CHANNELS = 8;
    private static final long GROUPS = 4;
    private static final double EPS = 1e-6;

    /** Operators and their constants, which stay. */
    @BeforeAll
    static void warmUp() {
        Scopes.run(() -> {
            block(DType.F32, 2 * CHANNELS, true);
            block(DType.BF16, 2 * CHANNELS, true);
        });
    }

    @Test
    void aResidualBlockGivesTheSame() {
        Scopes.run(() -> {
            for (long in : new long[] {CHANNELS, 2 * CHANNELS}) {
                // The stock normalisation adds up millions of numbers in fp32.
                assertThat(difference(block(DType.F32, in, true), block(DType.F32, in, false)))
                        .isBetween(1e-12, 1e-3);
                assertThat(difference(block(DType.BF16, in, true), block(DType.BF16, in, false)))
                        .isBetween(1e-12, 5e-3);
            }
        });
    }

    /** What a block makes of a large picture in bands or as a whole. */
    private static Tensor block(DType dtype, long in, boolean bands) {
        return Scopes.keep(() -> {
            try (Arena arena = new Arena()) {
                ResnetBlock block = new ResnetBlock(params(dtype, arena), in, CHANNELS, 0, GROUPS, EPS);
                Tensor x = picture(dtype, in);
                assertThat(Bands.divide(x)).isTrue();
                return bands ? block.forward(x, null) : block.whole(x, null);
            }
        });
    }

    @Test
    void normalisationIsExact() {
        Scopes.run(() -> {
            try (Arena arena = new Arena()) {
                Params p = params(DType.F32, arena);
                Tensor x = Ops.add(picture(DType.F32, CHANNELS), 3);
                Tensor y = new GroupNorm(p, GROUPS, CHANNELS, EPS).over(x).apply(x);
                Tensor exact = Ops.to(x, DType.F64).contiguous().view(GROUPS, -1);
                Tensor centred = exact.sub(exact.mean(1).unsqueeze(1));
                Tensor variance = centred.square().mean(1).unsqueeze(1);
                Tensor normal = centred.div(Ops.add(variance, EPS).sqrt()).view(CHANNELS, -1);
                Tensor truth = normal.mul(p.get("weight", CHANNELS).unsqueeze(1))
                        .add(p.get("bias", CHANNELS).unsqueeze(1));
                assertThat(difference(y, truth.view(Ops.shape(x)))).isLessThan(1e-6);
            }
        });
    }

    @Test
    void enlargingGivesTheSame() {
        Scopes.run(() -> {
            try (Arena arena = new Arena()) {
                Upsample enlarge = new Upsample(params(DType.F32, arena), CHANNELS);
                Tensor x = picture(DType.F32, CHANNELS);
                assertThat(Bands.divide(x)).isTrue();
                Tensor two = Ops.cat(0, x, x);
                assertThat(Bands.divide(two))
                        .as("rows of a batch are not side by side")
                        .isFalse();
                assertThat(difference(enlarge.forward(x), enlarge.forward(two).narrow(0, 0, 1)))
                        .isLessThan(1e-6);
            }
        });
    }

    private static double difference(Tensor x, Tensor truth) {
        assertThat(Ops.shape(x)).isEqualTo(Ops.shape(truth));
        Tensor error = Ops.to(x, DType.F64).sub(truth);
        return Ops.doubles(error.norm())[0]
                / Ops.doubles(Ops.to(truth, DType.F64).norm())[0];
    }

    private static Params params(DType dtype, Arena arena) {
        return Params.of(WeightSources.cast(WeightSources.random(3), dtype, Device.CPU), arena, WeightLayout.PREPARED);
    }

    /** Several bands and a rest. */
    private static Tensor picture(DType dtype, long channels) {
        try (Rng rng = new Rng(5)) {
            return Ops.channelsLast(Ops.to(rng.normal(1, channels, 523, 2100), dtype));
        }
    }
}
