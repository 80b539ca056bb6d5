package dev.latente.cli;

import dev.latente.weights.Json;
import dev.latente.weights.TensorFile;
import dev.latente.weights.TensorFiles;
import dev.latente.weights.TensorInfo;
import dev.latente.weights.WeightsException;
import dev.latente.weights.layout.CheckpointFiles;
import dev.latente.weights.layout.Ignored;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code latente inspect}: what a file or folder is, and why it would not load. */
@Command(name = "inspect", mixinStandardHelpOptions = true, resourceBundle = Main.MESSAGES)
final class InspectCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Parameters(paramLabel = "MODEL", descriptionKey = "inspect.model")
    String model = "";

    @Option(names = "--tensors")
    boolean list;

    @Option(names = "--variant", paramLabel = "NAME")
    @Nullable
    String variant;

    @Option(names = "--json")
    boolean json;

    @Override
    public Integer call() {
        ModelOptions options = new ModelOptions();
        options.variant = variant;
        Path path = options.resolve(model, new Console(spec.commandLine().getErr(), json));
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("path", path.toString());
        if (!Files.isDirectory(path)) {
            try (TensorFile file = TensorFiles.open(path)) {
                describe(file, report);
            }
        }
        Map<String, Object> adapter = AdapterReport.of(path);
        String problem = null;
        if (adapter == null) {
            problem = checkpoint(path, report);
        } else {
            report.putAll(adapter);
        }
        if (problem != null) {
            report.put("problem", problem);
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.text(report));
        } else {
            print(out, report, 0);
        }
        return problem == null ? 0 : Main.FAILURE;
    }

    private void describe(TensorFile file, Map<String, Object> report) {
        report.put("format", file.getClass().getSimpleName());
        Map<String, Long> dtypes = new TreeMap<>();
        long elements = 0;
        long bytes = 0;
        for (TensorInfo info : file.tensors().values()) {
            dtypes.merge(info.dtype(), 1L, Long::sum);
            elements += info.elements();
            bytes += info.bytes();
        }
        report.put("tensors", file.tensors().size());
        report.put("dtypes", dtypes);
        report.put("parameters", elements);
        report.put("bytes", bytes);
        if (!file.metadata().isEmpty()) {
            report.put("metadata", file.metadata());
        }
        if (list) {
            Map<String, Object> all = new LinkedHashMap<>();
            file.tensors().forEach((name, info) -> all.put(name, info.dtype() + " " + info.shape()));
            report.put("list", all);
        }
    }

    /** Says what checkpoint it is; null, or why it would not load. */
    private @Nullable String checkpoint(Path path, Map<String, Object> report) {
        CheckpointFiles.Options options = CheckpointFiles.Options.DEFAULT;
        try (CheckpointFiles files =
                CheckpointFiles.open(path, variant == null ? options : options.withVariant(variant))) {
            report.put("family", files.family().toString());
            report.put("inpainting", files.inpainting());
            Map<String, Object> components = new LinkedHashMap<>();
            for (String name : files.components()) {
                components.put(name, files.weights(name).keys().size() + " tensors");
            }
            report.put("components", components);
            JsonNode scheduler = files.schedulerConfig();
            report.put("scheduler", scheduler.path("_class_name").asString());
            String usual = files.family().isFlow() ? "flow_prediction" : "epsilon";
            report.put("prediction", scheduler.path("prediction_type").asString(usual));
            List<String> ignored = new ArrayList<>();
            for (Ignored each : files.ignored()) {
                ignored.add(each.key() + ": " + each.reason());
            }
            if (!ignored.isEmpty()) {
                report.put("ignored", ignored);
            }
            return null;
        } catch (WeightsException e) {
            return e.getMessage();
        }
    }

    private static void print(PrintWriter out, Map<?, ?> report, int depth) {
        report.forEach((key, value) -> {
            String head = "  ".repeat(depth) + key + ":";
            if (value instanceof Map<?, ?> map) {
                out.println(head);
                print(out, map, depth + 1);
            } else if (value instanceof List<?> all) {
                out.println(head);
                all.forEach(each -> out.println("  ".repeat(depth + 1) + "- " + each));
            } else {
                out.println(head + " " + (value instanceof Long n ? "%,d".formatted(n) : value));
            }
        });
    }
}
