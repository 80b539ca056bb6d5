package dev.latente.cli;

import dev.latente.pipelines.FeatureReuse;
import dev.latente.pipelines.Guiding;
import dev.latente.pipelines.Request;
import dev.latente.pipelines.Shortcuts;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is left undone for speed. */
final class ShortcutOptions {
    @Option(names = "--guidance-interval", paramLabel = "FROM,TO", split = ",", arity = "1")
    double @Nullable [] interval;

    @Option(names = "--guidance-sigmas", paramLabel = "LOW,HIGH", split = ",", arity = "1")
    double @Nullable [] sigmas;

    @Option(names = "--reuse", paramLabel = "N")
    @Nullable
    Integer reuse;

    @Option(names = "--reuse-center", paramLabel = "F")
    @Nullable
    Double center;

    @Option(names = "--reuse-power", paramLabel = "P")
    @Nullable
    Double power;

    @Option(names = "--reuse-threshold", paramLabel = "T")
    @Nullable
    Double threshold;

    @Option(names = "--reuse-branch", paramLabel = "N")
    @Nullable
    Integer branch;

    @Option(names = "--merge-tokens", paramLabel = "RATIO")
    @Nullable
    Double merge;

    /** Whether any is asked for. */
    boolean given() {
        return !arguments().isEmpty();
    }

    Request apply(Request request) {
        Guiding guiding = request.guiding();
        if (interval != null) {
            two("--guidance-interval", interval, "FROM,TO such as 0.2,0.8");
            guiding = guiding.withInterval(interval[0], interval[1]);
        }
        if (sigmas != null) {
            two("--guidance-sigmas", sigmas, "LOW,HIGH such as 0.3,5");
            guiding = guiding.withNoiseInterval(sigmas[0], sigmas[1]);
        }
        return request.withGuiding(guiding).withShortcuts(new Shortcuts(reuse(), merge == null ? 0 : merge));
    }

    private static void two(String option, double[] values, String wanted) {
        if (values.length != 2) {
            throw new IllegalArgumentException(
                    "%s: got [%s], wanted %s".formatted(option, SamplingOptions.list(values), wanted));
        }
    }

    private FeatureReuse reuse() {
        if (reuse != null && threshold != null) {
            throw new IllegalArgumentException(Main.message("reuse.alone"));
        }
        if (reuse == null && (center != null || power != null)) {
            throw new IllegalArgumentException(
                    Main.message("reuse.needed", "--reuse-center, --reuse-power", "--reuse"));
        }
        if (reuse == null && threshold == null && branch != null) {
            throw new IllegalArgumentException(
                    Main.message("reuse.needed", "--reuse-branch", "--reuse, --reuse-threshold"));
        }
        FeatureReuse rule = threshold != null
                ? FeatureReuse.whenChanged(threshold)
                : new FeatureReuse.Scheduled(
                        reuse == null ? 1 : reuse, center == null ? 0 : center, power == null ? 1 : power, 0);
        return branch == null ? rule : rule.withBranch(branch);
    }

    List<String> arguments() {
        List<String> out = new ArrayList<>();
        ModelOptions.add(out, "--guidance-interval", SamplingOptions.list(interval));
        ModelOptions.add(out, "--guidance-sigmas", SamplingOptions.list(sigmas));
        ModelOptions.add(out, "--reuse", reuse);
        ModelOptions.add(out, "--reuse-center", center);
        ModelOptions.add(out, "--reuse-power", power);
        ModelOptions.add(out, "--reuse-threshold", threshold);
        ModelOptions.add(out, "--reuse-branch", branch);
        ModelOptions.add(out, "--merge-tokens", merge);
        return out;
    }
}
