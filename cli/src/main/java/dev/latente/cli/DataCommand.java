package dev.latente.cli;

import dev.latente.training.data.Datasets;
import dev.latente.training.data.EncodedDataset;
import dev.latente.training.data.filter.AestheticRule;
import dev.latente.training.data.filter.AspectRule;
import dev.latente.training.data.filter.CaptionRule;
import dev.latente.training.data.filter.DatasetFilter;
import dev.latente.training.data.filter.DuplicateRule;
import dev.latente.training.data.filter.FilterReport;
import dev.latente.training.data.filter.FilteredSet;
import dev.latente.training.data.filter.LanguageRule;
import dev.latente.training.data.filter.Rule;
import dev.latente.training.data.filter.SizeRule;
import dev.latente.training.data.filter.UnsafeRule;
import dev.latente.weights.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code latente data}: leaves out of a training set what is better not learned from. */
@Command(name = "data", mixinStandardHelpOptions = true, resourceBundle = Main.MESSAGES)
final class DataCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Parameters(paramLabel = "SOURCE", descriptionKey = "data.source")
    String source = "";

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FOLDER",
            descriptionKey = "data.output",
            required = true)
    Path output = Path.of("");

    @Option(names = "--copy")
    boolean copy;

    @Option(names = "--force")
    boolean force;

    @Option(names = "--image-column", paramLabel = "NAME", defaultValue = "image")
    String imageColumn = "image";

    @Option(names = "--caption-column", paramLabel = "NAME")
    @Nullable
    String captionColumn;

    @Option(names = "--min-side", paramLabel = "PIXELS")
    @Nullable
    Integer minSide;

    @Option(names = "--max-ratio", paramLabel = "RATIO")
    @Nullable
    Double maxRatio;

    @Option(names = "--min-caption", paramLabel = "N")
    @Nullable
    Integer minCaption;

    @Option(names = "--languages", paramLabel = "CODE", split = ",")
    @Nullable
    Set<String> languages;

    @Option(names = "--duplicates", paramLabel = "BITS")
    @Nullable
    Integer duplicates;

    @Option(names = "--clip", paramLabel = "FOLDER")
    @Nullable
    Path clip;

    @Option(names = "--aesthetic-model", paramLabel = "FILE")
    @Nullable
    Path aestheticModel;

    @Option(names = "--min-aesthetic", paramLabel = "SCORE")
    @Nullable
    Double minAesthetic;

    @Option(names = "--safety-checker", paramLabel = "FOLDER")
    @Nullable
    Path safetyChecker;

    @Option(names = "--json")
    boolean json;

    @Option(names = {"-q", "--quiet"})
    boolean quiet;

    @Override
    public Integer call() {
        if (!force && Files.exists(output.resolve("metadata.jsonl"))) {
            throw new IllegalArgumentException(Main.message("exists", output.resolve("metadata.jsonl")));
        }
        Console console = new Console(spec.commandLine().getErr(), quiet || json);
        List<Rule> rules = rules();
        try (EncodedDataset data = Datasets.open(source, imageColumn, captionColumn, output.resolve(".unpacked"))) {
            long start = System.nanoTime();
            FilterReport report = new DatasetFilter(rules)
                    .run(data, done -> console.step(done, data.size(), (System.nanoTime() - start) / 1e9));
            console.finish();
            FilteredSet.write(data, report, output, copy);
            if (json) {
                spec.commandLine().getOut().println(Json.text(report.values()));
            } else {
                report.byRule().forEach((rule, dropped) -> console.say("%6d  %s".formatted(dropped.size(), rule)));
                console.say(Main.message("data.done", report.kept().size(), report.total(), output));
            }
        } finally {
            rules.forEach(Rule::close);
        }
        return 0;
    }

    /** The cheap ones first. */
    private List<Rule> rules() {
        List<Rule> rules = new ArrayList<>();
        if (minSide != null) {
            rules.add(new SizeRule(minSide));
        }
        if (maxRatio != null) {
            rules.add(new AspectRule(maxRatio));
        }
        if (minCaption != null) {
            rules.add(new CaptionRule(minCaption));
        }
        if (languages != null) {
            rules.add(new LanguageRule(languages));
        }
        if (duplicates != null) {
            rules.add(new DuplicateRule(duplicates));
        }
        if (minAesthetic != null) {
            if (clip == null || aestheticModel == null) {
                throw new IllegalArgumentException(Main.message("aesthetic.alone"));
            }
            rules.add(new AestheticRule(clip, aestheticModel, minAesthetic));
        }
        if (safetyChecker != null) {
            rules.add(new UnsafeRule(safetyChecker));
        }
        return rules;
    }
}
