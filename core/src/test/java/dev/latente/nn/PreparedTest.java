package dev.latente.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.latente.golden.GoldenCase;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import dev.latente.tensor.WeightLayout;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import java.util.function.BiFunction;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Layers whose weights are laid out for the processor give what they give with plain ones. */
class PreparedTest {
    private static final long CHANNELS = 32;

    @BeforeAll
    static void kernelsAreThere() {
        assumeTrue(prepares(DType.F32), "this processor has no kernels for prepared weights");
    }

    private static boolean prepares(DType dtype) {
        return Scopes.within(() -> WeightLayout.PREPARED.prepares(Ops.zeros(dtype, Device.CPU, 1, 1)));
    }

    @ParameterizedTest
    @CsvSource({"4,4", "5,3", "1,1", "8,2"})
    void aDoublingAndItsConvolutionAreOne(long height, long width) {
        compare(DType.F32, (p, x) -> new Upsample(p, CHANNELS).forward(x), 2, CHANNELS, height, width);
    }

    @Test
    void anOddSizeIsNotDoubled() {
        compare(DType.F32, (p, x) -> new Upsample(p, CHANNELS).forward(x, 9, 8), 2, CHANNELS, 5, 4);
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "BF16"})
    void aResidualBlock(DType dtype) {
        for (long rows : new long[] {1, 2}) {
            for (long out : new long[] {CHANNELS, 48}) {
                compare(
                        dtype,
                        (p, x) -> {
                            try (Rng rng = new Rng(5)) {
                                Tensor temb = Ops.to(rng.normal(rows, 24), dtype);
                                return new ResnetBlock(p, CHANNELS, out, 24, 8, 1e-5).forward(x, temb);
                            }
                        },
                        2,
                        CHANNELS,
                        6,
                        10);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "BF16"})
    void aTransformer(DType dtype) {
        for (boolean linear : new boolean[] {false, true}) {
            compare(
                    dtype,
                    (p, x) -> {
                        try (Rng rng = new Rng(6)) {
                            Tensor text = Ops.to(rng.normal(2, 7, 20), dtype);
                            return new Transformer2D(
                                            p,
                                            CHANNELS,
                                            8,
                                            linear,
                                            2,
                                            q -> new TransformerBlock(q, CHANNELS, 20, 4, false))
                                    .forward(x, text, null, ImageContext.NONE, TokenMerging.NONE);
                        }
                    },
                    2,
                    CHANNELS,
                    6,
                    10);
        }
    }

    @Test
    void aHalving() {
        compare(DType.F32, (p, x) -> new Downsample(p, CHANNELS, 1).forward(x), 1, CHANNELS, 7, 6);
        compare(DType.F32, (p, x) -> new Downsample(p, CHANNELS, 0).forward(x), 1, CHANNELS, 8, 6);
    }

    /** The same layer over the same weights in both layouts; in 16 bits sums are rounded at other places. */
    private static void compare(DType dtype, BiFunction<Params, Tensor, Tensor> layer, long... shape) {
        assumeTrue(prepares(dtype), "this processor has no kernels for " + dtype);
        double tolerance = dtype == DType.F32 ? 1e-5 : 0.03;
        Scopes.run(() -> {
            try (Arena arena = new Arena();
                    Rng rng = new Rng(3)) {
                WeightSource weights = WeightSources.cast(WeightSources.random(1), dtype, Device.CPU);
                Tensor x = Ops.to(Ops.channelsLast(rng.normal(shape)), dtype);
                Tensor before = x.clone();
                Tensor plain = layer.apply(Params.of(weights, arena), x);
                Tensor prepared = layer.apply(Params.of(weights, arena, WeightLayout.PREPARED), x);
                GoldenCase.assertClose(dtype.code(), prepared, plain, tolerance, tolerance);
                assertEquals(1, prepared.stride(1));
                GoldenCase.assertClose("input", x, before, 0, 0);
            }
        });
    }
}
