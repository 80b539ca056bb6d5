package dev.latente.cli;

import dev.latente.bench.LayerLoss;
import dev.latente.bench.PartLoss;
import dev.latente.bench.Sensitivity;
import dev.latente.weights.Json;
import dev.latente.weights.WeightSource;
import dev.latente.weights.compression.Plan;
import dev.latente.weights.compression.Plan.Layer;
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

/** {@code latente quantize}: a checkpoint with its layers in 8 or 4 bits, and what that costs. */
@Command(name = "quantize", mixinStandardHelpOptions = true, resourceBundle = Main.MESSAGES)
final class QuantizeCommand implements Callable<Integer> {
    private static final List<String> PARTS = List.of("unet", "vae", "text_encoder", "text_encoder_2");

    /** Few weights, through which everything passes. */
    private static final List<String> SENSITIVE =
            List.of("conv_in", "conv_out", "time_embedding.*", "add_embedding.*", "class_embedding.*");

    /** Percent. */
    private static final double ROOM = 0.3;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Mixin
    CopyOptions copy = new CopyOptions();

    @Option(names = "--bits", paramLabel = "N", defaultValue = "8")
    int bits = 8;

    @Option(names = "--keep", paramLabel = "PATTERN", split = ",")
    @Nullable
    List<String> keep;

    @Option(names = "--budget", paramLabel = "PERCENT")
    @Nullable
    Double budget;

    @Option(names = "--measure")
    boolean measure;

    @Override
    public Integer call() {
        Console console = new Console(spec.commandLine().getErr(), copy.quiet || copy.json);
        Path path = copy.resolve(console);
        try (CheckpointFiles files = copy.open(path)) {
            Map<String, Map<String, List<Long>>> parts = new LinkedHashMap<>();
            copy.parts(files, PARTS).forEach(part -> parts.put(part, files.shapes(part)));
            Plan all = Plan.of(parts, bits);
            long most = most(all);
            Map<Layer, Double> errors = measure ? outputErrors(files, all, console) : Map.of();
            Plan plan = plan(all, new Sensitivity(errors), most);
            Map<String, WeightSource> sources = new LinkedHashMap<>();
            plan.parts().forEach(part -> sources.put(part, plan.of(part).over(files.weights(part))));
            copy.write(files, sources, plan.bytes(), console);
            List<LayerLoss> layers = LayerLoss.of(files, plan, errors);
            CopyOptions.@Nullable Loss loss = copy.loss(path, console);
            PrintWriter out = spec.commandLine().getOut();
            if (copy.json) {
                Map<String, Object> report = new LinkedHashMap<>();
                report.put("bits", bits);
                report.put(
                        "parts",
                        PartLoss.of(plan, layers).stream().map(PartLoss::toMap).toList());
                report.put("layers", layers.stream().map(LayerLoss::toMap).toList());
                report.putAll(copy.report(path, loss));
                out.println(Json.text(report));
            } else {
                print(out, PartLoss.of(plan, layers));
                copy.print(out, path, loss);
            }
        }
        return 0;
    }

    private void print(PrintWriter out, List<PartLoss> parts) {
        Object[] columns = Main.message("quantize.columns", bits).split(" *, *", -1);
        out.printf(Locale.ROOT, "%-16s %8s %8s %8s %10s %10s %8s %10s%n", columns);
        for (PartLoss part : parts) {
            out.printf(
                    Locale.ROOT,
                    "%-16s %8d %8d %8d %10.2f %10.2f %6.2f %% %10.5f%n",
                    part.part(),
                    part.layers(),
                    part.layers() - part.kept(),
                    part.kept(),
                    part.halfBytes() / 1e6,
                    part.bytes() / 1e6,
                    100 * part.share(),
                    part.weightError());
        }
    }

    /** How many bytes the files may take. */
    private long most(Plan all) {
        double least = 100.0 * all.bytes() / all.halfBytes();
        if (budget == null) {
            // Tables stay in 16 bits: where they are large, what is sensitive needs room all the same.
            return (long) (Math.max(bits == 4 ? 30 : 52, least + ROOM) / 100 * all.halfBytes());
        }
        if (!(budget >= least)) {
            throw new IllegalArgumentException(Main.message("quantize.budget", budget, least, bits));
        }
        return (long) (budget / 100 * all.halfBytes());
    }

    /** What the user names is kept; of what is usually sensitive, or was measured to be, what fits. */
    private Plan plan(Plan all, Sensitivity measured, long most) {
        if (keep != null) {
            List<Layer> named = all.matching(keep);
            if (named.isEmpty()) {
                throw new IllegalArgumentException(Main.message("quantize.keep.nothing", keep));
            }
            return all.keeping(named).keeping(measured.worstFirst(all), most);
        }
        List<Layer> sensitive = new ArrayList<>(all.matching(SENSITIVE));
        sensitive.removeAll(measured.errors().keySet());
        sensitive.addAll(measured.worstFirst(all));
        return all.keeping(sensitive, most);
    }

    private Map<Layer, Double> outputErrors(CheckpointFiles files, Plan all, Console console) {
        long count = all.layers().stream().filter(l -> l.part().equals("unet")).count();
        if (count == 0) {
            throw new IllegalArgumentException(Main.message("quantize.measure.alone"));
        }
        try {
            return Sensitivity.of(
                            files,
                            all,
                            bits,
                            copy.seed,
                            done -> console.progress(
                                    Main.message("quantize.measured", done, count), (double) done / count))
                    .errors();
        } finally {
            console.finish();
        }
    }
}
