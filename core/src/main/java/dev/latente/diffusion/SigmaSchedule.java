package dev.latente.diffusion;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The timesteps and noise levels that a sampler of the sigma family visits. */
final class SigmaSchedule {
    private final SchedulerConfig config;
    private final double[] timesteps;
    private final double[] sigmas;

    /**
     * Joins the two lists.
     *
     * @param timesteps one for each step
     * @param sigmas one more: the last is what the run ends at
     */
    private SigmaSchedule(SchedulerConfig config, double[] timesteps, double[] sigmas) {
        this.config = config;
        this.timesteps = timesteps;
        this.sigmas = sigmas;
    }

    static SigmaSchedule of(SchedulerConfig config, Steps steps) {
        double[] train = NoiseSchedule.of(config).sigmas();
        if (config.flag("rescale_betas_zero_snr")) {
            // Without any signal left σ would be infinite; ᾱ = 2⁻²⁴ instead.
            train[train.length - 1] = 0x1p12;
        }
        double[] timesteps;
        double[] sigmas;
        if (!steps.sigmas().isEmpty()) {
            sigmas = array(steps.sigmas());
            timesteps = Arrays.stream(sigmas, 0, sigmas.length - 1)
                    .map(s -> Sigmas.timestep((float) s, train))
                    .toArray();
        } else {
            double[] spaced =
                    steps.timesteps().isEmpty() ? Spacing.of(config, steps.count()) : array(steps.timesteps());
            double[] levels = interpolate(config, spaced, train);
            double min = config.optional("sigma_min").orElse(levels[levels.length - 1]);
            double max = config.optional("sigma_max").orElse(levels[0]);
            if (config.flag("use_karras_sigmas")) {
                levels = Sigmas.karras(min, max, steps.count(), 7);
            } else if (config.flag("use_exponential_sigmas")) {
                levels = Sigmas.exponential(min, max, steps.count());
            } else if (config.flag("use_beta_sigmas")) {
                levels = Sigmas.beta(min, max, steps.count());
            } else {
                min = Double.NaN;
            }
            timesteps = Double.isNaN(min)
                    ? spaced
                    : Arrays.stream(levels).map(s -> Sigmas.timestep(s, train)).toArray();
            sigmas = Arrays.copyOf(levels, levels.length + 1);
            sigmas[levels.length] = switch (config.text("final_sigmas_type")) {
                case "zero" -> 0;
                case "sigma_min" -> train[0];
                default -> throw config.unknown("final_sigmas_type", "zero", "sigma_min");
            };
        }
        sigmas = Arrays.stream(sigmas).map(s -> (float) s).toArray();
        if (config.text("timestep_type").equals("continuous") && Prediction.of(config) == Prediction.V_PREDICTION) {
            timesteps = Arrays.stream(sigmas, 0, sigmas.length - 1)
                    .map(s -> 0.25 * Math.log(s))
                    .toArray();
        }
        timesteps = Arrays.stream(timesteps).map(t -> (float) t).toArray();
        return new SigmaSchedule(config, timesteps, sigmas);
    }

    private static double[] interpolate(SchedulerConfig config, double[] timesteps, double[] train) {
        return switch (config.text("interpolation_type")) {
            case "linear" ->
                Arrays.stream(timesteps).map(t -> Sigmas.at((float) t, train)).toArray();
            case "log_linear" -> Sigmas.exponential(train[0], train[train.length - 1], timesteps.length + 1);
            default -> throw config.unknown("interpolation_type", "linear", "log_linear");
        };
    }

    private static double[] array(List<Double> values) {
        return values.stream().mapToDouble(v -> v).toArray();
    }

    double[] sigmas() {
        return sigmas;
    }

    double initNoiseSigma() {
        double max = Arrays.stream(sigmas).max().orElseThrow();
        return config.text("timestep_spacing").equals("leading") ? Math.sqrt(max * max + 1) : max;
    }

    /** A run with one model call for each step. */
    Trajectory trajectory(Steps steps, StepRule rule) {
        List<Level> levels = new ArrayList<>();
        for (int i = 0; i < timesteps.length; i++) {
            levels.add(Level.exploding(timesteps[i], sigmas[i]));
        }
        Steps.Range range = steps.range(timesteps, 1, config.integer("num_train_timesteps"));
        return new Trajectory(levels, sigmas, initNoiseSigma(), range, rule);
    }
}
