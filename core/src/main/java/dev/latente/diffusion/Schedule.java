package dev.latente.diffusion;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

/** Noise schedules by the names that user interfaces have for them. */
public enum Schedule {
    /** The checkpoint's own timesteps. */
    NORMAL,
    /** Karras et al. 2022, equation 5. */
    KARRAS("use_karras_sigmas"),
    /** Evenly spaced in log σ. */
    EXPONENTIAL("use_exponential_sigmas"),
    /** Lee et al. 2024. */
    BETA("use_beta_sigmas"),
    /** Evenly spaced in arctan σ (Sabour et al. 2024, theorem 3.1). */
    KL_OPTIMAL,
    /** Align Your Steps (Sabour et al. 2024), optimised for Stable Diffusion 1.5. */
    AYS,
    /** Align Your Steps, optimised for Stable Diffusion XL. */
    AYS_XL,
    /** Evenly spaced timesteps without the last one, as in Stability's generative-models. */
    SGM_UNIFORM,
    /** Every so many of the training levels, counted from the noisiest. */
    SIMPLE,
    /** Every so many of the training levels, counted from the cleanest, as DDIM has them. */
    DDIM_UNIFORM;

    private static final double[] AYS_LEVELS = {
        14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0.029
    };
    private static final double[] AYS_XL_LEVELS = {
        14.615, 6.315, 3.771, 2.181, 1.342, 0.862, 0.555, 0.380, 0.234, 0.113, 0.029
    };
    private static final Set<String> FLAGS = Set.of("use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas");

    /** The classes that space their own levels by a flag. */
    private static final Set<String> TAKE_FLAGS = Set.of(
            "DEISMultistepScheduler",
            "DPMPP2SAncestralScheduler",
            "DPMPP3MSDEScheduler",
            "DPMSolverMultistepScheduler",
            "DPMSolverSDEScheduler",
            "DPMSolverSinglestepScheduler",
            "EulerDiscreteScheduler",
            "FlowMatchEulerDiscreteScheduler",
            "FlowMatchLCMScheduler",
            "HeunDiscreteScheduler",
            "KDPM2AncestralDiscreteScheduler",
            "KDPM2DiscreteScheduler",
            "LMSDiscreteScheduler",
            "SASolverScheduler",
            "UniPCMultistepScheduler");

    /** The classes that take a list of noise levels. */
    private static final Set<String> TAKE_SIGMAS = Set.of(
            "EulerDiscreteScheduler",
            "EulerAncestralDiscreteScheduler",
            "HeunDiscreteScheduler",
            "KDPM2DiscreteScheduler",
            "KDPM2AncestralDiscreteScheduler",
            "LMSDiscreteScheduler",
            "DPMPP2SAncestralScheduler",
            "DPMPP3MSDEScheduler",
            "DPMSolverSDEScheduler");

    private final String flag;

    Schedule() {
        this("");
    }

    Schedule(String flag) {
        this.flag = flag;
    }

    /**
     * From a name such as {@code sgm_uniform} or "SGM Uniform".
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public static Schedule named(String name) {
        String wanted = name.strip().toUpperCase(Locale.ROOT).replaceAll("[ -]+", "_");
        return Arrays.stream(values())
                .filter(s -> s.name().equals(wanted))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "schedule: got [%s], wanted one of %s".formatted(name, Arrays.toString(values()))));
    }

    /**
     * The scheduler of the configuration, over this schedule.
     *
     * @throws IllegalArgumentException if that class has no such schedule
     */
    public Scheduler over(SchedulerConfig config) {
        SchedulerConfig plain = config;
        for (String other : FLAGS) {
            plain = plain.with(other, false);
        }
        if (!flag.isEmpty() && TAKE_FLAGS.contains(config.className())) {
            return Schedulers.of(plain.with(flag, true));
        }
        Scheduler scheduler = Schedulers.of(plain);
        if (this == NORMAL) {
            return scheduler;
        }
        NoiseSchedule noise = NoiseSchedule.of(plain);
        if (TAKE_SIGMAS.contains(config.className())) {
            return steps -> scheduler.trajectory(steps.withSigmas(sigmas(noise, steps.count())));
        }
        if (config.className().equals("DPMSolverMultistepScheduler")) {
            return steps -> scheduler.trajectory(steps.withTimesteps(timesteps(noise, steps.count())));
        }
        throw new IllegalArgumentException("schedule: got [%s], wanted one that [%s] has: normal%s"
                .formatted(
                        name().toLowerCase(Locale.ROOT),
                        config.className(),
                        TAKE_FLAGS.contains(config.className()) ? ", karras, exponential, beta" : ""));
    }

    /** The levels of {@link #sigmas}, as the training timesteps that come closest, without repetition. */
    private double[] timesteps(NoiseSchedule noise, int steps) {
        double[] train = noise.sigmas();
        double[] levels = sigmas(noise, steps);
        return Arrays.stream(levels, 0, levels.length - 1)
                .map(s -> Math.rint(Sigmas.timestep(s, train)))
                .distinct()
                .toArray();
    }

    /** The noise levels of a run, descending to 0; for most schedules one more than steps. */
    public double[] sigmas(NoiseSchedule noise, int steps) {
        double[] train = noise.sigmas();
        int last = train.length - 1;
        double min = train[0];
        double max = train[last];
        double[] levels = switch (this) {
            case NORMAL -> at(Spacing.linspace(last, 0, steps), train);
            case KARRAS -> Sigmas.karras(min, max, steps, 7);
            case EXPONENTIAL -> Sigmas.exponential(min, max, steps);
            case BETA -> Sigmas.beta(min, max, steps);
            case KL_OPTIMAL ->
                Arrays.stream(Spacing.linspace(Math.atan(max), Math.atan(min), steps))
                        .map(Math::tan)
                        .toArray();
            case AYS -> Arrays.copyOf(logLinear(AYS_LEVELS, steps + 1), steps);
            case AYS_XL -> Arrays.copyOf(logLinear(AYS_XL_LEVELS, steps + 1), steps);
            case SGM_UNIFORM -> at(Arrays.copyOf(Spacing.linspace(last, 0, steps + 1), steps), train);
            case SIMPLE -> simple(train, steps);
            case DDIM_UNIFORM -> ddimUniform(train, steps);
        };
        return Arrays.copyOf(levels, levels.length + 1);
    }

    private static double[] at(double[] timesteps, double[] train) {
        return Arrays.stream(timesteps).map(t -> Sigmas.at(t, train)).toArray();
    }

    private static double[] simple(double[] train, int steps) {
        double[] levels = new double[steps];
        Arrays.setAll(levels, i -> train[train.length - 1 - (int) ((double) i * train.length / steps)]);
        return levels;
    }

    private static double[] ddimUniform(double[] train, int steps) {
        int stride = Math.max(1, train.length / steps);
        int count = (train.length - 2) / stride + 1;
        double[] levels = new double[count];
        Arrays.setAll(levels, i -> train[1 + (count - 1 - i) * stride]);
        return levels;
    }

    /** As many levels as asked for on the same curve, by interpolation of log σ. */
    private static double[] logLinear(double[] levels, int n) {
        double[] logs = Arrays.stream(levels).map(Math::log).toArray();
        return Arrays.stream(Spacing.linspace(0, logs.length - 1, n))
                .map(t -> Math.exp(Sigmas.at(t, logs)))
                .toArray();
    }
}
