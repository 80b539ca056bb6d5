package dev.latente.benchmarks;

import dev.latente.tensor.Arena;
import dev.latente.tensor.Attention;
import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bytedeco.pytorch.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Attention of the U-Net's finest stage over the picture and over the text: 8 heads of 40, a guided batch. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 2)
public class AttentionBenchmark {
    @Param({"F32", "BF16"})
    public DType dtype = DType.F32;

    @Param({"77", "4096"})
    public long keys;

    private Arena arena = new Arena();
    private List<Tensor> inputs = List.of();

    @Setup
    public void makeInputs() {
        arena = new Arena();
        inputs = List.of(normal(4096), normal(keys), normal(keys));
    }

    private Tensor normal(long n) {
        return arena.own(() -> {
            try (Rng rng = new Rng(0)) {
                return Ops.to(rng.normal(2, n, 8, 40), dtype).transpose(1, 2); // [B,h,n,d]
            }
        });
    }

    @Benchmark
    public long attend() {
        return Scopes.within(() -> Attention.attend(inputs.get(0), inputs.get(1), inputs.get(2), null, false, 0)
                .numel());
    }

    @TearDown
    public void free() {
        arena.close();
    }
}
