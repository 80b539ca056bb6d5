package dev.latente.cli;

import dev.latente.bench.Architecture;
import dev.latente.bench.Benchmark;
import dev.latente.bench.Measurement;
import dev.latente.bench.Parts;
import dev.latente.bench.ShortcutBench;
import dev.latente.bench.Soak;
import dev.latente.bench.TrainingBench;
import dev.latente.pipelines.Checkpoint;
import dev.latente.pipelines.MemoryBudget;
import dev.latente.pipelines.Request;
import dev.latente.pipelines.Size;
import dev.latente.pipelines.UntrainedCheckpoint;
import dev.latente.profile.Trace;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Memory;
import dev.latente.tensor.Ops;
import dev.latente.weights.Json;
import dev.latente.weights.WeightSources;
import dev.latente.weights.layout.CheckpointFiles;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Predicate;
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
    GrowOptions grow = new GrowOptions();

    @Option(names = "--profile", paramLabel = "FILE", descriptionKey = "bench.profile")
    @Nullable
    Path profile;

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
        return grow.wanted ? grow(out) : measure(out);
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
        if ((model.weights != null || model.maxMemory != null) && arch != null && write == null) {
            throw new IllegalArgumentException(Main.message("weights.file"));
        }
    }

    private int measure(PrintWriter out) {
        BenchTable table = new BenchTable(json ? new PrintWriter(Writer.nullWriter()) : out);
        Console console = new Console(spec.commandLine().getErr(), json);
        DType dtype = DType.parse(model.dtype);
        Device device = Device.parse(model.device);
        Memory.resetPeak(); // what writing a checkpoint left is not a part of it
        MemoryReport memory = new MemoryReport(fitting(model.fit(budget(dtype, console))));
        memory.lines().forEach(table::say);
        table.measurements();
        double[] peak = new double[1]; // operations each second; known after the first measurements
        Benchmark bench = new Benchmark(repeat, m -> table.measurement(m, peak[0]));
        bench.memory(device);
        bench.peak(dtype == DType.F32 ? DType.BF16 : DType.F32, device);
        double first = bench.peak(dtype, device);
        peak[0] = first;
        int machine = bench.results().size();
        networks(console, bench, networks -> bench.parts(networks, size(networks), steps));
        List<Measurement> measured =
                bench.results().subList(machine, bench.results().size());
        double last = bench.peak(dtype, device);
        peak[0] = Math.max(first, last);
        bench.breakdowns().forEach(part -> table.kinds(part, peak[0]));
        table.say("");
        table.say(Main.message("bench.peaks", first / 1e9, last / 1e9));
        long loading = peakMemory(measured, m -> m.name().equals("load"));
        long drawing = peakMemory(measured, m -> !m.name().equals("load"));
        memory.truth(loading, drawing).forEach(table::say);
        if (profile != null) {
            Trace.write(profile, bench.spans());
        }
        if (json) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("dtype", model.dtype);
            result.put("device", device.toString());
            result.put("threads", Ops.threads());
            result.put("peak", Map.of("first", first, "last", last));
            result.put(
                    "measurements",
                    bench.results().stream().map(m -> m.toMap(peak[0])).toList());
            result.put("memory", memory.toMap(loading, drawing));
            out.println(Json.text(result));
        }
        return 0;
    }

    private static long peakMemory(List<Measurement> measured, Predicate<Measurement> which) {
        return measured.stream()
                .filter(which)
                .mapToLong(Measurement::peakMemory)
                .max()
                .orElse(0);
    }

    private int grow(PrintWriter out) {
        BenchTable table = new BenchTable(json ? new PrintWriter(Writer.nullWriter()) : out);
        List<Map<String, Object>> cells = new ArrayList<>();
        table.growth();
        Console console = new Console(spec.commandLine().getErr(), json);
        fitting(budget(DType.parse(model.dtype), console));
        networks(
                console,
                null,
                networks -> grow.of().run(networks, repeat, cell -> {
                    table.growth(cell);
                    cells.add(cell.toMap());
                }));
        if (json) {
            out.println(Json.text(cells));
        }
        return 0;
    }

    /** Makes or loads the networks, and frees them after use; {@code bench} measures the loading. */
    private void networks(Console console, @Nullable Benchmark bench, Consumer<Parts> use) {
        if (arch != null && write == null) {
            try (Arena arena = new Arena()) {
                use.accept(
                        Parts.random(arch.checkpoint(), DType.parse(model.dtype), Device.parse(model.device), arena));
            }
            return;
        }
        Path path = stored(console);
        if (bench != null) {
            bench.load(CopyOptions.bytes(path), () -> load(path, console).close());
        }
        try (Checkpoint checkpoint = load(path, console)) {
            use.accept(Parts.of(checkpoint));
        }
    }

    private MemoryBudget budget(DType dtype, Console console) {
        if (arch != null && write == null) {
            UntrainedCheckpoint shapes = arch.checkpoint();
            Size drawn = size == null ? MemoryBudget.usualSize(shapes) : Size.parse(size);
            return MemoryBudget.of(shapes, dtype, drawn, 1);
        }
        try (CheckpointFiles files = model.files(stored(console), console)) {
            Size drawn = size == null ? MemoryBudget.usualSize(files) : Size.parse(size);
            return MemoryBudget.of(files, dtype, drawn, 1);
        }
    }

    /** @throws IllegalArgumentException if weights that come from no file, and so can not be read again, are too many */
    private MemoryBudget fitting(MemoryBudget budget) {
        long there = Memory.available() + Memory.resident();
        if (arch != null && write == null && budget.total() > there) {
            throw new IllegalArgumentException(
                    Main.message("bench.too.large", arch, model.dtype, budget.total() / 1e9, there / 1e9));
        }
        return budget;
    }

    private Path stored(Console console) {
        return write != null ? write : model.resolve(model.required(), console);
    }

    private Checkpoint load(Path path, Console console) {
        return model.load(path.toString(), console);
    }

    private Size size(Parts parts) {
        int side = (int) parts.sampleSize() * parts.vae().config().factor();
        return size == null ? new Size(side, side) : Size.parse(size);
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
}
