package dev.latente.cli;

import dev.latente.bench.PrunedPart;
import dev.latente.weights.Json;
import dev.latente.weights.WeightSource;
import dev.latente.weights.compression.Layers;
import dev.latente.weights.compression.Pruning;
import dev.latente.weights.layout.CheckpointFiles;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code latente prune}: a checkpoint with its smallest weights zero, and what that costs. */
@Command(name = "prune", mixinStandardHelpOptions = true, resourceBundle = Main.MESSAGES)
final class PruneCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Mixin
    CopyOptions copy = new CopyOptions();

    @Option(names = "--fraction", paramLabel = "FRACTION", defaultValue = "0.3")
    double fraction = 0.3;

    @Option(names = "--global")
    boolean global;

    @Override
    public Integer call() {
        Console console = new Console(spec.commandLine().getErr(), copy.quiet || copy.json);
        Path path = copy.resolve(console);
        try (CheckpointFiles files = copy.open(path)) {
            Map<String, WeightSource> sources = new LinkedHashMap<>();
            List<PrunedPart> parts = new ArrayList<>();
            for (String part : copy.parts(files, List.of("unet"))) {
                WeightSource weights = files.weights(part);
                Map<String, List<Long>> layers = new LinkedHashMap<>(files.shapes(part));
                layers.entrySet().removeIf(e -> !Layers.has(e.getKey(), e.getValue()));
                Pruning pruning = global
                        ? Pruning.global(weights, layers, fraction)
                        : Pruning.perTensor(weights, layers, fraction);
                sources.put(part, pruning.over(weights));
                parts.add(PrunedPart.of(part, weights, pruning.over(weights), layers));
            }
            copy.write(files, sources, CopyOptions.halfBytes(files, sources.keySet()), console);
            CopyOptions.@Nullable Loss loss = copy.loss(path, console);
            PrintWriter out = spec.commandLine().getOut();
            if (copy.json) {
                Map<String, Object> report = new LinkedHashMap<>();
                report.put("fraction", fraction);
                report.put("global", global);
                report.put("parts", parts.stream().map(PrunedPart::toMap).toList());
                report.putAll(copy.report(path, loss));
                out.println(Json.text(report));
            } else {
                print(out, parts);
                copy.print(out, path, loss);
            }
        }
        return 0;
    }

    private static void print(PrintWriter out, List<PrunedPart> parts) {
        Object[] columns = Main.message("prune.columns").split(" *, *", -1);
        out.printf(Locale.ROOT, "%-16s %8s %14s %14s %8s %10s%n", columns);
        for (PrunedPart part : parts) {
            out.printf(
                    Locale.ROOT,
                    "%-16s %8d %14d %14d %6.2f %% %10.5f%n",
                    part.part(),
                    part.layers(),
                    part.weights(),
                    part.zeros(),
                    100.0 * part.zeros() / part.weights(),
                    part.weightError());
        }
    }
}
