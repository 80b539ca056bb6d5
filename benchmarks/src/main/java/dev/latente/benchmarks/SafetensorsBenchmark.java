package dev.latente.benchmarks;

import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.weights.Safetensors;
import dev.latente.weights.SafetensorsWriter;
import dev.latente.weights.TensorInfo;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Opening a file with as many tensors as a U-Net has, touching each, converting each. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class SafetensorsBenchmark {
    private static final int TENSORS = 686;
    private static final long SIDE = 256;

    private Path file = Path.of("");

    @Setup
    public void write() throws IOException {
        file = Files.createTempFile("latente", ".safetensors");
        List<TensorInfo> tensors = IntStream.range(0, TENSORS)
                .mapToObj(i -> new TensorInfo(
                        "down_blocks.%d.attentions.0.transformer_blocks.0.attn1.to_q.weight".formatted(i),
                        DType.F16.code(),
                        List.of(SIDE, SIDE),
                        2 * SIDE * SIDE))
                .toList();
        SafetensorsWriter.of(tensors, name -> Ops.zeros(DType.F16, Device.CPU, SIDE, SIDE))
                .write(file);
    }

    @Benchmark
    public int open() {
        try (Safetensors opened = Safetensors.open(file)) {
            return opened.tensors().size();
        }
    }

    @Benchmark
    public long openAndMap() {
        return Scopes.within(() -> {
            try (Safetensors opened = Safetensors.open(file)) {
                return opened.keys().stream()
                        .mapToLong(key -> opened.tensor(key).numel())
                        .sum();
            }
        });
    }

    /** What {@code --dtype} does: every value is read and written in another dtype. */
    @Benchmark
    public long openAndConvert() {
        try (Safetensors opened = Safetensors.open(file)) {
            WeightSource converted = WeightSources.cast(opened, DType.BF16, Device.CPU);
            return opened.keys().stream()
                    .mapToLong(key ->
                            Scopes.within(() -> converted.get(key, SIDE, SIDE).numel()))
                    .sum();
        }
    }

    @TearDown
    public void delete() throws IOException {
        Files.delete(file);
    }
}
