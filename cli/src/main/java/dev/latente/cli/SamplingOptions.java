package dev.latente.cli;

import dev.latente.diffusion.Samplers;
import dev.latente.diffusion.Schedule;
import dev.latente.diffusion.Scheduler;
import dev.latente.diffusion.SchedulerConfig;
import dev.latente.diffusion.Schedulers;
import dev.latente.diffusion.Steps;
import dev.latente.pipelines.Checkpoint;
import dev.latente.pipelines.Guiding;
import dev.latente.pipelines.Request;
import dev.latente.pipelines.Size;
import dev.latente.pipelines.SkippedLayers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How the picture is drawn. */
final class SamplingOptions {
    @Option(names = "--size", paramLabel = "WxH")
    @Nullable
    String size;

    @Option(names = "--steps", paramLabel = "N")
    @Nullable
    Integer steps;

    @Option(names = "--sampler", paramLabel = "NAME", completionCandidates = SamplerNames.class)
    @Nullable
    String sampler;

    @Option(names = "--schedule", paramLabel = "NAME", completionCandidates = ScheduleNames.class)
    @Nullable
    String schedule;

    @Option(names = "--set", paramLabel = "KEY=VALUE")
    Map<String, String> settings = new LinkedHashMap<>();

    @Option(names = "--eta", paramLabel = "N")
    @Nullable
    Double eta;

    @Option(names = "--timesteps", paramLabel = "N", split = ",")
    double @Nullable [] timesteps;

    @Option(names = "--sigmas", paramLabel = "N", split = ",")
    double @Nullable [] sigmas;

    @Option(
            names = {"-g", "--guidance"},
            paramLabel = "N")
    @Nullable
    Double guidance;

    @Option(names = "--guidance-rescale", paramLabel = "N")
    @Nullable
    Double rescale;

    @Option(names = "--skip-layers", paramLabel = "N", split = ",")
    List<Integer> skipLayers = new ArrayList<>();

    @Option(names = "--skip-scale", paramLabel = "N", defaultValue = "2.8")
    double skipScale = 2.8;

    @Option(names = "--skip-interval", paramLabel = "FROM,TO", defaultValue = "0.01,0.2", split = ",")
    double[] skipInterval = {0.01, 0.2};

    @Mixin
    ShortcutOptions shortcuts = new ShortcutOptions();

    /** The names for shell completion. */
    static final class SamplerNames extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        SamplerNames() {
            super(Samplers.names());
        }
    }

    /** The names for shell completion. */
    static final class ScheduleNames extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        ScheduleNames() {
            Arrays.stream(Schedule.values()).forEach(s -> add(s.name().toLowerCase(java.util.Locale.ROOT)));
        }
    }

    Request apply(Request request, Checkpoint checkpoint) {
        Guiding usual = checkpoint.usualGuiding();
        Guiding guiding = Guiding.of(guidance == null ? usual.scale() : guidance)
                .withRescale(rescale == null ? usual.rescale() : rescale)
                .withSkip(skip());
        return shortcuts.apply(request.withSize(size == null ? null : Size.parse(size))
                .withSteps(steps(checkpoint))
                .withScheduler(scheduler(checkpoint.scheduler()))
                .withGuiding(guiding));
    }

    private SkippedLayers skip() {
        if (skipInterval.length != 2) {
            throw new IllegalArgumentException(
                    "--skip-interval: got [%s], wanted two fractions such as 0.01,0.2".formatted(list(skipInterval)));
        }
        return SkippedLayers.of(Set.copyOf(skipLayers))
                .withScale(skipScale)
                .withInterval(skipInterval[0], skipInterval[1]);
    }

    private Steps steps(Checkpoint checkpoint) {
        if (timesteps != null) {
            return Steps.timesteps(timesteps);
        }
        return sigmas != null ? Steps.sigmas(sigmas) : Steps.of(steps == null ? checkpoint.usualSteps() : steps);
    }

    private Scheduler scheduler(SchedulerConfig published) {
        SchedulerConfig config = published;
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            config = config.with(setting.getKey(), value(setting.getValue()));
        }
        if (eta != null) {
            config = config.with("eta", eta);
        }
        if (schedule != null) {
            Schedule named = Schedule.named(schedule);
            return sampler == null ? named.over(config) : Samplers.of(sampler, named, config);
        }
        return sampler == null ? Schedulers.of(config) : Samplers.of(sampler, config);
    }

    /** A setting as JSON would have it: true, 0.5 or text. */
    private static Object value(String text) {
        if (text.equals("true") || text.equals("false")) {
            return Boolean.valueOf(text);
        }
        try {
            return Double.valueOf(text);
        } catch (NumberFormatException e) {
            return text;
        }
    }

    List<String> arguments() {
        List<String> out = new ArrayList<>();
        ModelOptions.add(out, "--guidance-rescale", rescale);
        ModelOptions.add(out, "--size", size);
        ModelOptions.add(out, "--steps", steps);
        ModelOptions.add(out, "--sampler", sampler);
        ModelOptions.add(out, "--schedule", schedule);
        settings.forEach((key, value) -> ModelOptions.add(out, "--set", key + "=" + value));
        ModelOptions.add(out, "--eta", eta);
        ModelOptions.add(out, "--timesteps", list(timesteps));
        ModelOptions.add(out, "--sigmas", list(sigmas));
        ModelOptions.add(out, "--guidance", guidance);
        if (!skipLayers.isEmpty()) {
            ModelOptions.add(
                    out,
                    "--skip-layers",
                    String.join(",", skipLayers.stream().map(String::valueOf).toList()));
            ModelOptions.add(out, "--skip-scale", skipScale);
            ModelOptions.add(out, "--skip-interval", list(skipInterval));
        }
        out.addAll(shortcuts.arguments());
        return out;
    }

    static @Nullable String list(double @Nullable [] values) {
        return values == null
                ? null
                : String.join(
                        ",", Arrays.stream(values).mapToObj(Double::toString).toList());
    }
}
