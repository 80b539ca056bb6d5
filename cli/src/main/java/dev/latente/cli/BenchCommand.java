package dev.latente.cli;

import dev.latente.bench.Architecture;
import dev.latente.bench.Benchmark;
import dev.latente.bench.Measurement;
import dev.latente.bench.Parts;
import dev.latente.bench.ShortcutBench;
import dev.latente.bench.Soak;
import dev.latente.bench.TrainingBench;
import dev.latente.pipelines.Checkpoint;
import dev.latente.pipelines.Request;
import dev.latente.pipelines.Size;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Memory;
import dev.latente.weights.Json;
import dev.latente.weights.WeightSources;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code latente bench}: what the machine can do, and what of it the networks of a checkpoint reach. */
@Command(name = "bench", mixinStandardHelpOptions = true, resourceBundle = Main.MESSAGES)
final class BenchCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Mixin
    ModelOptions model = new ModelOptions();

    @Option(names = "--arch", paramLabel = "NAME")
    @Nullable
    Architecture arch;

    @Option(names = "--write", paramLabel = "FOLDER")
    @Nullable
    Path write;

    @Option(names = "--size", paramLabel = "WxH", descriptionKey = "bench.size")
    @Nullable
    String size;

    @Option(names = "--steps", paramLabel = "N", defaultValue = "0", descriptionKey = "bench.steps")
    int steps;

    @Option(names = "--repeat", paramLabel = "N", defaultValue = "5")
    int repeat = 5;

    @Option(names = "--soak", paramLabel = "N", defaultValue = "0")
    int soak;

    @Option(names = "--train", paramLabel = "CONFIG", descriptionKey = "bench.train")
    @Nullable
    Path train;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "64", descriptionKey = "bench.batch")
    int batch = 64;

    @Option(names = "--tokens", paramLabel = "N", defaultValue = "32", descriptionKey = "bench.tokens")
    int tokens = 32;

    @Option(names = "--workers", paramLabel = "N", defaultValue = "1", descriptionKey = "bench.workers")
    int workers = 1;

    @Mixin
    ShortcutOptions shortcuts = new ShortcutOptions();

    @Option(names = "--json")
    boolean json;

    @Override
    public Integer call() {
        check();
        model.applyThreads();
        PrintWriter out = spec.commandLine().getOut();
        if (train != null) {
            return train(out, TrainingBench.of(train, batch, tokens, DType.parse(model.dtype), workers));
        }
        if (write != null && arch != null) {
            try (Arena arena = new Arena()) {
                arch.checkpoint().write(write, WeightSources.repeating(0, arena), DType.F16);
            }
        }
        if (soak > 0) {
            return soak(out);
        }
        if (shortcuts.given()) {
            return shortcuts(out);
        }
        Benchmark bench = new Benchmark(repeat, result -> print(out, result));
        if (!json) {
            out.printf(Locale.ROOT, "%-20s %10s %12s %10s %7s %8s%n", (Object[])
                    Main.message("bench.columns").split(" *, *", -1));
        }
        DType dtype = DType.parse(model.dtype);
        Device device = Device.parse(model.device);
        bench.memory(device);
        // The one that shares are of comes last.
        bench.machine(dtype == DType.F32 ? DType.BF16 : DType.F32, device);
        bench.machine(dtype, device);
        if (arch != null && write == null) {
            try (Arena arena = new Arena()) {
                measure(bench, Parts.random(arch.checkpoint(), dtype, device, arena));
            }
        } else {
            measureStored(bench);
        }
        if (json) {
            out.println(
                    Json.text(bench.results().stream().map(Measurement::toMap).toList()));
        }
        return 0;
    }

    private void check() {
        if (repeat < 1 || steps < 0 || soak < 0 || batch < 1 || tokens < 1) {
            throw new IllegalArgumentException(
                    "--repeat, --steps, --soak, --batch, --tokens: got [%d], [%d], [%d], [%d] and [%d], wanted at least 1, 0, 0, 1 and 1"
                            .formatted(repeat, steps, soak, batch, tokens));
        }
        if (write != null && arch == null) {
            throw new IllegalArgumentException(Main.message("write.alone"));
        }
    }

    private void measureStored(Benchmark bench) {
        Console console = new Console(spec.commandLine().getErr(), json);
        Path path = stored(console);
        bench.load(bytes(path), () -> load(path, console).close());
        try (Checkpoint checkpoint = load(path, console)) {
            measure(bench, Parts.of(checkpoint));
        }
    }

    private Path stored(Console console) {
        return write != null ? write : model.resolve(model.required(), console);
    }

    private Checkpoint load(Path path, Console console) {
        return model.load(path.toString(), console);
    }

    private void measure(Benchmark bench, Parts parts) {
        int side =
                (int) parts.unet().config().sampleSize() * parts.vae().config().factor();
        bench.parts(parts, size == null ? new Size(side, side) : Size.parse(size), steps);
    }

    private int train(PrintWriter out, TrainingBench bench) {
        double[] seconds = bench.run(Math.max(1, steps)).stream()
                .mapToDouble(Double::doubleValue)
                .sorted()
                .toArray();
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("images_per_second", batch / seconds[seconds.length / 2]);
        result.put("dtype", model.dtype);
        result.put("batch", batch);
        result.put("workers", workers);
        result.put("parameters", bench.parameters());
        result.put("peak_memory", Memory.peak());
        out.println(Json.text(result));
        return 0;
    }

    private int soak(PrintWriter out) {
        Console console = new Console(spec.commandLine().getErr(), json);
        try (Checkpoint checkpoint = load(stored(console), console)) {
            Request request = Request.of("a soak").withSteps(Math.max(1, steps));
            if (size != null) {
                request = request.withSize(Size.parse(size));
            }
            double growth = Soak.run(
                    checkpoint,
                    request,
                    soak,
                    (run, resident) -> out.printf(
                            Locale.ROOT, "%6d  %8.1f MB  %d%n", run, (double) resident / 1e6, Memory.objects()));
            out.println(Main.message("soak.growth", 100 * growth));
        }
        return 0;
    }

    private int shortcuts(PrintWriter out) {
        Console console = new Console(spec.commandLine().getErr(), json);
        try (Checkpoint checkpoint = load(stored(console), console)) {
            Request whole = Request.of("a cat riding a dragon in the snow")
                    .withSize(size == null ? null : Size.parse(size))
                    .withSteps(steps == 0 ? checkpoint.usualSteps() : steps)
                    .withGuiding(checkpoint.usualGuiding());
            ShortcutBench.Result result = ShortcutBench.run(checkpoint, whole, shortcuts.apply(whole), repeat);
            out.println(
                    json
                            ? Json.text(result.toMap())
                            : Main.message(
                                    "bench.shortcuts",
                                    result.whole(),
                                    result.shortened(),
                                    result.whole() / result.shortened(),
                                    result.psnr()));
        }
        return 0;
    }

    private void print(PrintWriter out, Measurement m) {
        if (json) {
            return;
        }
        out.printf(
                Locale.ROOT,
                "%-20s %10.4f %12s %10.1f %7s %8.2f%n",
                m.name(),
                m.medianSeconds(),
                m.flop() > 0
                        ? "%.1f G".formatted((double) m.flop() / 1e9)
                        : "%.1f GB".formatted((double) m.bytes() / 1e9),
                m.rate(),
                m.share() > 0 ? "%.0f %%".formatted(100 * m.share()) : "",
                (double) m.peakMemory() / 1e9);
        out.flush();
    }

    private static long bytes(Path path) {
        try (Stream<Path> files = Files.walk(path)) {
            return files.mapToLong(f -> f.toFile().length()).sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
