package dev.latente.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.LinearOp;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import dev.latente.tensor.WeightLayout;
import dev.latente.weights.Quantized;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import java.util.Set;
import java.util.function.BiFunction;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Layers over weights of 8 bits give what they give with the same weights multiplied out, up to rounded activations. */
class Int8Test {
    /** Half a step of the 254 that a normal number's range of some 7 deviations is cut into, through two sums in a row. */
    private static final double ROUNDING = 0.03;

    @BeforeAll
    static void kernelsAreThere() {
        assumeTrue(LinearOp.runsInt8(), "this processor has no kernels for whole numbers");
    }

    @ParameterizedTest
    @CsvSource({"F32,1", "BF16,1", "BF16,77"})
    void aLinearMap(DType dtype, long rows) {
        compare(dtype, (p, x) -> new Linear(p, 48, 32).forward(x), 2, rows, 48);
        compare(dtype, (p, x) -> new Linear(p, 48, 32, false).forward(x), 2, rows, 48);
        compare(dtype, (p, x) -> Linear.pointwise(p, 48, 48).plus(x, x), 2, rows, 48);
        compare(dtype, (p, x) -> new GegluFeedForward(p, 48).plus(x, x), 2, rows, 48);
        compare(dtype, (p, x) -> new CrossAttention(p, 48, 48, 4).plus(x, x, null, x), 2, rows, 48);
    }

    @ParameterizedTest
    @CsvSource({"F32", "BF16"})
    void aConvolution(DType dtype) {
        compare(dtype, (p, x) -> new Conv2d(p, 48, 32, 3).forward(x), 2, 48, 7, 6);
        compare(dtype, (p, x) -> new Conv2d(p, 48, 32, 1).forward(x), 2, 48, 7, 6);
        compare(dtype, (p, x) -> new Downsample(p, 48, 1).forward(x), 1, 48, 7, 6);
        compare(dtype, (p, x) -> new Upsample(p, 48).forward(x), 1, 48, 5, 6);
        compare(dtype, (p, x) -> new Upsample(p, 48).forward(x, 9, 12), 1, 48, 5, 6);
    }

    /** What is far from zero on one side only, as after SiLU, has its own zero point, and padding is zero all the same. */
    @Test
    void activationsOfOneSign() {
        compare(DType.BF16, (p, x) -> new Conv2d(p, 48, 32, 3).forward(Ops.add(x.abs(), 3)), 2, 48, 7, 6);
        compare(DType.BF16, (p, x) -> new Linear(p, 48, 32).forward(Ops.sub(Ops.mul(x.abs(), -1), 3)), 2, 5, 48);
        compare(DType.BF16, (p, x) -> new Linear(p, 48, 32).forward(Ops.mul(x, 0)), 2, 5, 48);
    }

    private static void compare(DType dtype, BiFunction<Params, Tensor, Tensor> layer, long... shape) {
        Scopes.run(() -> {
            try (Arena arena = new Arena();
                    Rng rng = new Rng(3)) {
                WeightSource weights = quantised(WeightSources.random(1), dtype);
                Tensor x = Ops.to(rng.normal(shape), dtype);
                Tensor expected = layer.apply(Params.of(weights, arena), x);
                Tensor got = layer.apply(Params.of(weights, arena, WeightLayout.PREPARED), x);
                assertEquals(dtype, Ops.dtype(got));
                double error = Ops.to(got.sub(expected), DType.F32).norm().item_double();
                double size = Ops.to(expected, DType.F32).norm().item_double();
                assertTrue(error <= ROUNDING * size, "off by %.4f of %.4f".formatted(error, size));
            }
        });
    }

    /** Matrices and kernels rounded to 8 bits. */
    private static WeightSource quantised(WeightSource source, DType dtype) {
        return new WeightSource() {
            @Override
            public Set<String> keys() {
                return source.keys();
            }

            @Override
            public Tensor get(String key, long... shape) {
                Tensor x = source.get(key, shape);
                return Ops.to(shape.length < 2 ? x : Quantized.of(x, 8).dequantised(), dtype, Device.CPU);
            }

            @Override
            public Quantized quantized(String key, long... shape) {
                return Quantized.of(source.get(key, shape), 8);
            }
        };
    }
}
