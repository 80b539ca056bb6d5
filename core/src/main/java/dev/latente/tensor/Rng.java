package dev.latente.tensor;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * libtorch's CPU generator (mt19937): a seed gives the same normal numbers as {@code torch.Generator().manual_seed(seed)}.
 * Not thread-safe; one for each picture.
 */
public final class Rng implements AutoCloseable {
    private final Generator generator;

    public Rng(long seed) {
        try (PointerScope scope = new PointerScope()) {
            generator = torch.createCPUGenerator(seed).retainReference();
        }
    }

    /** Standard normal numbers, fp32 on the CPU. */
    public Tensor normal(long... shape) {
        return normal(DType.F32, shape);
    }

    /** Standard normal numbers in that dtype, on the CPU; 16-bit ones are drawn in fp32 and rounded. */
    public Tensor normal(DType dtype, long... shape) {
        Tensor result = Ops.empty(dtype == DType.F64 ? DType.F64 : DType.F32, Device.CPU, shape);
        try (GeneratorOptional g = new GeneratorOptional(generator)) {
            return Ops.to(result.normal_(0, 1, g), dtype);
        }
    }

    /** Integers of [low, high), int64 on the CPU. */
    public Tensor integers(long low, long high, long... shape) {
        Tensor result = Ops.empty(DType.I64, Device.CPU, shape);
        try (GeneratorOptional g = new GeneratorOptional(generator);
                var to = new org.bytedeco.pytorch.LongOptional(high)) {
            return result.random_(low, to, g);
        }
    }

    /** The numbers 0 to n-1 in random order, int64 on the CPU. */
    public Tensor permutation(long n) {
        try (GeneratorOptional g = new GeneratorOptional(generator)) {
            return Ops.permutation(n, g);
        }
    }

    /** Uniform numbers of [0, 1), fp32 on the CPU. */
    public Tensor uniform(long... shape) {
        Tensor result = Ops.empty(DType.F32, Device.CPU, shape);
        try (GeneratorOptional g = new GeneratorOptional(generator)) {
            return result.uniform_(0, 1, g);
        }
    }

    @Override
    public void close() {
        generator.releaseReference();
    }
}
