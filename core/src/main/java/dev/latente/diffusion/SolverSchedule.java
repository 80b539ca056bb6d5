package dev.latente.diffusion;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;

/** The noise levels that the exponential integrators visit: σ/α of a diffusion, or σ of a rectified flow. */
final class SolverSchedule {
    private final SchedulerConfig config;
    private final double[] timesteps;
    private final double[] sigmas;

    private SolverSchedule(SchedulerConfig config, double[] timesteps, double[] sigmas) {
        this.config = config;
        this.timesteps = timesteps;
        this.sigmas = sigmas;
    }

    /** As DPM-Solver takes it: {@code sigma_min} as the end is the lowest level of the training. */
    static SolverSchedule of(SchedulerConfig config, Steps steps) {
        double[] train = trainSigmas(config);
        return of(config, steps, train, rescaled(config, steps), train[0]);
    }

    /** As UniPC, DEIS and SA-Solver take it: {@code sigma_min} as the end is the lowest of the rescaled sigmas, if there are any. */
    static SolverSchedule endingAtItsLowest(SchedulerConfig config, Steps steps, double[] rescaled) {
        double[] train = trainSigmas(config);
        return of(config, steps, train, rescaled, rescaled.length == 0 ? train[0] : rescaled[rescaled.length - 1]);
    }

    private static SolverSchedule of(
            SchedulerConfig config, Steps steps, double[] train, double[] rescaled, double lowest) {
        double[] timesteps = rescaled.length > 0 ? timesteps(config, rescaled, train) : spaced(config, steps, train);
        double[] sigmas = rescaled.length > 0
                ? rescaled
                : Arrays.stream(timesteps).map(t -> Sigmas.at(t, train)).toArray();
        double[] closed = Arrays.copyOf(sigmas, sigmas.length + 1);
        closed[sigmas.length] = switch (config.text("final_sigmas_type")) {
            case "zero" -> 0;
            case "sigma_min" -> lowest;
            default -> throw config.unknown("final_sigmas_type", "zero", "sigma_min");
        };
        return new SolverSchedule(
                config, timesteps, Arrays.stream(closed).map(s -> (float) s).toArray());
    }

    private static double[] trainSigmas(SchedulerConfig config) {
        double[] sigmas = NoiseSchedule.of(config).sigmas();
        if (config.flag("rescale_betas_zero_snr")) {
            // Without any signal left σ would be infinite; ᾱ = 2⁻²⁴ instead.
            sigmas[sigmas.length - 1] = 0x1p12;
        }
        return sigmas;
    }

    /** Sigmas that do not follow from timesteps; none if the configuration asks for no such. */
    static double[] rescaled(SchedulerConfig config, Steps steps) {
        double[] train = trainSigmas(config);
        double min = config.optional("sigma_min").orElse(train[0]);
        double max = config.optional("sigma_max").orElse(train[train.length - 1]);
        int n = steps.count();
        if (config.flag("use_karras_sigmas")) {
            return Sigmas.karras(min, max, n, 7);
        }
        if (config.flag("use_lu_lambdas")) {
            return Sigmas.exponential(train[0], train[train.length - 1], n);
        }
        if (config.flag("use_exponential_sigmas")) {
            return Sigmas.exponential(min, max, n);
        }
        if (config.flag("use_beta_sigmas")) {
            return Sigmas.beta(min, max, n);
        }
        if (config.flag("use_flow_sigmas")) {
            double shift = steps.mu().isPresent() ? Math.exp(steps.mu().getAsDouble()) : config.number("flow_shift");
            return flow(train.length, n, shift);
        }
        return new double[0];
    }

    /** Evenly spaced in time, then shifted towards the noise (Esser et al. 2024, section 5.3.2). */
    private static double[] flow(int train, int n, double shift) {
        double[] alphas = Spacing.linspace(1, 1.0 / train, n + 1);
        double[] sigmas = new double[n];
        for (int i = 0; i < n; i++) {
            double sigma = 1 - alphas[n - i];
            sigmas[i] = shift * sigma / (1 + (shift - 1) * sigma);
        }
        return sigmas;
    }

    /** The training timesteps of those sigmas; whole, as the models know no others. */
    private static double[] timesteps(SchedulerConfig config, double[] sigmas, double[] train) {
        if (config.flag("use_flow_sigmas")) {
            return Arrays.stream(sigmas).map(s -> (long) (s * train.length)).toArray();
        }
        // Two of the schedules are rounded and the others truncated, the multistep DPM-Solver's cosine schedules among
        // them.
        boolean rounded = (config.flag("use_karras_sigmas") || config.flag("use_lu_lambdas"))
                && !(config.className().equals("DPMSolverMultistepScheduler")
                        && config.text("beta_schedule").equals("squaredcos_cap_v2"));
        return Arrays.stream(sigmas)
                .map(s -> Sigmas.timestep(s, train))
                .map(t -> rounded ? Math.rint(t) : (long) t)
                .toArray();
    }

    /** The custom timesteps, or those of {@code timestep_spacing}: one more than there are steps, without the last. */
    private static double[] spaced(SchedulerConfig config, Steps steps, double[] train) {
        if (!steps.timesteps().isEmpty()) {
            return steps.timesteps().stream().mapToDouble(t -> t).toArray();
        }
        int n = steps.count();
        int end = train.length - clipped(config, train);
        return switch (config.text("timestep_spacing")) {
            case "linspace" -> Spacing.descending(Spacing.linspace(0, end - 1, n + 1), n);
            case "leading" -> Spacing.leading(end / (n + 1), n, config.integer("steps_offset") + end / (n + 1));
            case "trailing" -> Spacing.trailing(end, (double) train.length / n);
            default -> throw config.unknown("timestep_spacing", "linspace", "leading", "trailing");
        };
    }

    /** How many training timesteps are noisier than {@code lambda_min_clipped} allows. */
    private static int clipped(SchedulerConfig config, double[] train) {
        double min = config.number("lambda_min_clipped");
        return (int) Arrays.stream(train).filter(s -> -Math.log(s) < min).count();
    }

    double timestep(int i) {
        return timesteps[i];
    }

    /** One for each model call, and the one that the run ends at. */
    HalfLogSnr[] levels() {
        boolean flow = config.flag("use_flow_sigmas");
        return Arrays.stream(sigmas)
                .mapToObj(s -> flow ? HalfLogSnr.flow(s) : HalfLogSnr.preserving(s))
                .toArray(HalfLogSnr[]::new);
    }

    /** Its forward process is that of the visited noise levels. */
    Trajectory trajectory(Steps steps, StepRule rule) {
        boolean flow = config.flag("use_flow_sigmas");
        return trajectory(steps, rule, (t, sigma) -> flow ? Level.flow(t, sigma) : Level.preservingSigma(t, sigma));
    }

    /** Its forward process is that of the training timesteps. */
    Trajectory trainTrajectory(Steps steps, StepRule rule) {
        NoiseSchedule train = NoiseSchedule.of(config);
        return trajectory(steps, rule, (t, sigma) -> Level.preserving(t, train.alphaCumprod(t.intValue())));
    }

    private Trajectory trajectory(Steps steps, StepRule rule, BiFunction<Double, Double, Level> level) {
        List<Level> levels = new ArrayList<>();
        for (int i = 0; i < timesteps.length; i++) {
            levels.add(level.apply(timesteps[i], sigmas[i]));
        }
        Steps.Range range = steps.range(timesteps, 1, config.integer("num_train_timesteps"));
        return new Trajectory(levels, sigmas, 1, range, rule);
    }
}
