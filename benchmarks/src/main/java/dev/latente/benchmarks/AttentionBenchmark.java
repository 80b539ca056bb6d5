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

/** Attention in the stages of Stable Diffusion 1's U-Net at 512x512, over the picture and over the text: 8 heads, a guided batch. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 2)
public class AttentionBenchmark {
    private static final long HEADS = 8;
    private static final long TOKENS = 77;

    @Param({"F32", "BF16"})
    public DType dtype = DType.F32;

    /** Positions and size of a head, finest first. */
    public enum Stage {
        FINEST(4096, 40),
        SECOND(1024, 80),
        THIRD(256, 160),
        COARSEST(64, 160);

        private final long positions;
        private final long size;

        Stage(long positions, long size) {
            this.positions = positions;
            this.size = size;
        }
    }

    @Param
    public Stage stage = Stage.FINEST;

    /** Whether it is over the text and not over the picture. */
    @Param({"false", "true"})
    public boolean text;

    private Arena arena = new Arena();
    private List<Tensor> inputs = List.of();

    @Setup
    public void makeInputs() {
        arena = new Arena();
        long keys = text ? TOKENS : stage.positions;
        inputs = List.of(normal(stage.positions), normal(keys), normal(keys));
    }

    private Tensor normal(long n) {
        return arena.own(() -> {
            try (Rng rng = new Rng(0)) {
                return Ops.to(rng.normal(2, n, HEADS, stage.size), dtype).transpose(1, 2); // [B,h,n,d]
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
