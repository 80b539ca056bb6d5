package dev.latente.benchmarks;

import dev.latente.pipelines.UntrainedCheckpoint;
import dev.latente.tensor.DType;
import dev.latente.text.ClipTokenizer;
import dev.latente.text.PromptChunk;
import dev.latente.weights.Json;
import dev.latente.weights.WeightSources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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
import org.openjdk.jmh.annotations.Warmup;

/** CLIP's tokenizer and the prompt grammar on a usual prompt. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class TokenizerBenchmark {
    private static final String PROMPT =
            "a photograph of an (astronaut:1.2) riding a horse on mars, highly detailed, [35mm], golden hour";

    /** A tokenizer's folder, by {@code -p folder=DIR}; without one, a vocabulary of single letters. */
    @Param("")
    public String folder = "";

    private @Nullable ClipTokenizer tokenizer;

    @Setup
    public void load() throws IOException {
        tokenizer = ClipTokenizer.load(folder.isEmpty() ? letters() : Path.of(folder));
    }

    private static Path letters() throws IOException {
        Path checkpoint = Files.createTempDirectory("latente");
        var encoder = Json.parse(
                "{\"hidden_size\": 8, \"num_hidden_layers\": 1, \"num_attention_heads\": 1, \"vocab_size\": 200}");
        new UntrainedCheckpoint(Map.of("text_encoder", encoder), Json.parse("{}"))
                .write(checkpoint, WeightSources.random(0), DType.F16);
        return checkpoint.resolve("tokenizer");
    }

    @Benchmark
    public long[] encode() {
        return tokenizer == null ? new long[0] : tokenizer.encode(PROMPT);
    }

    @Benchmark
    public List<PromptChunk> chunks() {
        return tokenizer == null ? List.of() : PromptChunk.of(tokenizer, PROMPT, 77);
    }
}
