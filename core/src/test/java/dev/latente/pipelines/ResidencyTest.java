package dev.latente.pipelines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.latente.image.Picture;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Memory;
import dev.latente.tensor.NoNativeLeaks;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightsException;
import dev.latente.weights.compression.Quantization;
import dev.latente.weights.layout.CheckpointFiles;
import dev.latente.weights.layout.Converter;
import dev.latente.weights.lora.Lora;
import dev.latente.weights.lora.LoraWriter;
import dev.latente.weights.lora.LowRank;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights that come and go give the pictures of weights that stay. */
@ExtendWith(NoNativeLeaks.class)
class ResidencyTest {
    /** About a third of the matrices of the tiny checkpoint, so that some layers keep theirs and others do not. */
    private static final long SOME = 100_000;

    private static final List<Residency> ALL =
            List.of(Residency.stored(0), Residency.stored(SOME), Residency.streamed(0), Residency.streamed(SOME));

    private static Path temp;
    private static Path folder;
    private static Path control;

    @BeforeAll
    static void warmUp(@TempDir Path given) {
        temp = given;
        folder = TinyCheckpoint.write(temp.resolve("checkpoint"));
        control = TinyCheckpoint.writeControlNet(temp.resolve("control"));
        for (DType dtype : List.of(DType.F32, DType.BF16)) {
            drawn(folder, LoadOptions.of(dtype, Device.CPU));
            drawn(quantised(8), LoadOptions.of(dtype, Device.CPU).withResidency(Residency.streamed(0)));
        }
        steered(LoadOptions.DEFAULT);
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "BF16"})
    void givesTheSamePicture(DType dtype) {
        LoadOptions options = LoadOptions.of(dtype, Device.CPU);
        Picture expected = drawn(folder, options);
        for (Residency residency : ALL) {
            assertThat(drawn(folder, options.withResidency(residency)))
                    .as(residency.toString())
                    .isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 4})
    void ofQuantisedWeights(int bits) {
        LoadOptions options = LoadOptions.of(DType.BF16, Device.CPU);
        Picture expected = drawn(quantised(bits), options);
        for (Residency residency : ALL) {
            assertThat(drawn(quantised(bits), options.withResidency(residency)))
                    .as(residency.toString())
                    .isEqualTo(expected);
        }
    }

    @Test
    void withALora() {
        Path lora = temp.resolve("lora.safetensors");
        String key = "mid_block.attentions.0.transformer_blocks.0.attn2.to_q.weight";
        Scopes.run(() -> {
            LowRank change = new LowRank(
                    Ops.full(0.2, DType.F32, Device.CPU, 2, 32), Ops.full(0.3, DType.F32, Device.CPU, 32, 2), 2);
            LoraWriter.of(Map.of("unet", new Lora(Map.of(key, change)))).writeDiffusers(lora);
        });
        LoadOptions options = LoadOptions.DEFAULT.withLora(lora, 0.8);
        Picture expected = drawn(folder, options);
        assertThat(expected).isNotEqualTo(drawn(folder, LoadOptions.DEFAULT));
        for (Residency residency : ALL) {
            assertThat(drawn(folder, options.withResidency(residency)))
                    .as(residency.toString())
                    .isEqualTo(expected);
        }
    }

    @Test
    void withAControlNetAndShortcuts() {
        List<Picture> expected = steered(LoadOptions.DEFAULT);
        for (Residency residency : ALL) {
            assertThat(steered(LoadOptions.DEFAULT.withResidency(residency)))
                    .as(residency.toString())
                    .isEqualTo(expected);
        }
    }

    @Test
    void manyThreadsReadAtOnce() throws Exception {
        List<Picture> alone = new ArrayList<>();
        List<Callable<Picture>> runs = new ArrayList<>();
        try (Checkpoint ready = Checkpoint.load(folder);
                Checkpoint streamed =
                        Checkpoint.load(folder, LoadOptions.DEFAULT.withResidency(Residency.streamed(SOME)))) {
            for (int seed = 0; seed < 8; seed++) {
                int s = seed;
                alone.add(drawn(ready, s));
                runs.add(() -> drawn(streamed, s));
            }
            ExecutorService threads = Executors.newFixedThreadPool(4);
            try {
                List<Picture> together = new ArrayList<>();
                for (Future<Picture> run : threads.invokeAll(runs)) {
                    together.add(run.get());
                }
                assertThat(together).isEqualTo(alone);
            } finally {
                threads.shutdown();
            }
        }
    }

    @Test
    void nativeObjectsDoNotGrow() {
        for (long kept : new long[] {0, SOME}) {
            try (Checkpoint stored =
                    Checkpoint.load(folder, LoadOptions.DEFAULT.withResidency(Residency.stored(kept)))) {
                drawn(stored, 1);
                long before = Memory.objects();
                for (int seed = 0; seed < 5; seed++) {
                    drawn(stored, seed);
                    assertThat(Memory.objects()).isLessThanOrEqualTo(before);
                }
            }
        }
    }

    @Test
    void aCancelledRunLeavesTheFilesOpen() {
        Request request = request(3).withSteps(4);
        try (Checkpoint streamed = Checkpoint.load(folder, LoadOptions.DEFAULT.withResidency(Residency.streamed(0)))) {
            Picture expected = drawn(streamed, 3);
            Progress interrupted =
                    (call, calls, latents) -> Thread.currentThread().interrupt();
            assertThatThrownBy(() -> new TextToImage(streamed).generate(request, interrupted.stopWhenInterrupted()))
                    .isInstanceOf(CancellationException.class);
            // An interrupt that nobody listens to until the end passes, too.
            Thread.currentThread().interrupt();
            assertThat(drawn(streamed, 3)).isEqualTo(expected);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(drawn(streamed, 3)).isEqualTo(expected);
        }
    }

    @Test
    void aFileThatIsCutOffIsAnError() throws IOException {
        Path copy = TinyCheckpoint.write(temp.resolve("cut"));
        Path file = copy.resolve("unet/diffusion_pytorch_model.safetensors");
        long size = Files.size(file);
        for (Residency residency : List.of(Residency.stored(0), Residency.streamed(0))) {
            TinyCheckpoint.write(copy);
            try (Checkpoint checkpoint = Checkpoint.load(copy, LoadOptions.DEFAULT.withResidency(residency))) {
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    channel.truncate(size / 2);
                }
                assertThatThrownBy(() -> drawn(checkpoint, 0))
                        .isInstanceOf(WeightsException.class)
                        .hasMessageContaining(file.toString())
                        .hasMessageContaining(
                                "the file had %d bytes when it was opened, now %d".formatted(size, size / 2));
            }
        }
    }

    @Test
    void closesItsFiles() {
        assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "needs Linux");
        Checkpoint streamed = Checkpoint.load(folder, LoadOptions.DEFAULT.withResidency(Residency.streamed(0)));
        drawn(streamed, 0);
        assertThat(open()).hasSize(3);
        streamed.close();
        assertThat(open()).isEmpty();
        assertThatThrownBy(() -> drawn(streamed, 0)).isInstanceOf(RuntimeException.class);
    }

    @Test
    void aMissingWeightIsAnErrorOfLoading() {
        Path copy = temp.resolve("missing");
        try (CheckpointFiles files = CheckpointFiles.open(folder)) {
            Map<String, WeightSource> sources = new LinkedHashMap<>();
            files.components().forEach(c -> sources.put(c, files.weights(c)));
            new Converter(files, DType.F16).withWeights(sources).toFolder(copy);
        }
        Path config = copy.resolve("unet/config.json");
        try {
            Files.writeString(
                    config,
                    Files.readString(config).replaceAll("\"layers_per_block\" *: *1", "\"layers_per_block\": 2"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (Residency residency : ALL) {
            assertThatThrownBy(() -> Checkpoint.load(copy, LoadOptions.DEFAULT.withResidency(residency)))
                    .isInstanceOf(WeightsException.class);
        }
    }

    /** Links of this process to files of the tiny checkpoint. */
    private static List<Path> open() {
        try (Stream<Path> links = Files.list(Path.of("/proc/self/fd"))) {
            return links.map(ResidencyTest::target)
                    .filter(path -> path.startsWith(folder))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path target(Path link) {
        try {
            return Files.readSymbolicLink(link);
        } catch (IOException e) {
            return link; // closed meanwhile, such as that of the listing
        }
    }

    private static Path quantised(int bits) {
        Path target = temp.resolve("int" + bits);
        if (Files.isDirectory(target)) {
            return target;
        }
        Quantization quantization = Quantization.of(bits);
        try (CheckpointFiles files = CheckpointFiles.open(folder)) {
            Map<String, WeightSource> sources = new LinkedHashMap<>();
            files.components().forEach(c -> sources.put(c, quantization.over(files.weights(c))));
            new Converter(files, DType.F16).withWeights(sources).toFolder(target);
        }
        return target;
    }

    private static Picture drawn(Path path, LoadOptions options) {
        try (Checkpoint checkpoint = Checkpoint.load(path, options)) {
            return drawn(checkpoint, 0);
        }
    }

    private static Picture drawn(Checkpoint checkpoint, int seed) {
        return new TextToImage(checkpoint).generate(request(seed)).get(0);
    }

    private static Request request(int seed) {
        return Request.of("a tiny picture").withNegative("big").withSteps(3).withSeed(seed);
    }

    private static List<Picture> steered(LoadOptions options) {
        try (Checkpoint checkpoint = Checkpoint.load(folder, options);
                ControlNetCheckpoint net = ControlNetCheckpoint.load(control, options)) {
            Picture hint = drawn(checkpoint, 5);
            Request request = request(7).withSteps(6).withControls(List.of(Control.of(net, hint)));
            return List.of(
                    new TextToImage(checkpoint).generate(request).get(0),
                    new TextToImage(checkpoint)
                            .generate(request.withShortcuts(new Shortcuts(FeatureReuse.whenChanged(0.3), 0.5)))
                            .get(0));
        }
    }
}
