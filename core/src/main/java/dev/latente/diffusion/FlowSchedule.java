package dev.latente.diffusion;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/** The noise levels of a rectified flow, from 1 for noise to 0 for the picture, shifted towards noise (Esser et al. 2024, section 5.3.2). */
final class FlowSchedule {
    private final SchedulerConfig config;
    private final int train;

    FlowSchedule(SchedulerConfig config) {
        this.config = config;
        this.train = config.integer("num_train_timesteps");
    }

    /** The levels of a run without the final one: evenly spaced or the caller's, shifted, stretched, respaced. */
    double[] sigmas(Steps steps) {
        double[] shifted = map(unshifted(steps), dynamic() ? dynamicShift(steps) : this::shift);
        double[] stretched = config.has("shift_terminal") ? stretch(shifted) : shifted;
        return map(respace(stretched), s -> (float) s);
    }

    private double[] unshifted(Steps steps) {
        if (!steps.sigmas().isEmpty()) {
            return fp32(steps.sigmas());
        }
        if (!steps.timesteps().isEmpty()) {
            return map(fp32(steps.timesteps()), t -> t / train);
        }
        return even(steps.count());
    }

    /**
     * Evenly spaced between the largest and the smallest level of the training, of which the smallest is shifted already; with
     * {@code flow_spacing} "trailing" so that the last step is as long as the others, as Flux.1 is used.
     */
    double[] even(int steps) {
        if (config.text("flow_spacing").equals("trailing")) {
            return map(Spacing.linspace(1, 1.0 / steps, steps), s -> (float) s);
        }
        DoubleUnaryOperator bound = s -> (float) (dynamic() ? s : shift((float) s)) * train;
        return map(Spacing.linspace(bound.applyAsDouble(1), bound.applyAsDouble(1.0 / train), steps), t -> t / train);
    }

    double shift(double sigma) {
        double shift = config.number("shift");
        return shift * sigma / (1 + (shift - 1) * sigma);
    }

    private boolean dynamic() {
        return config.flag("use_dynamic_shifting");
    }

    private DoubleUnaryOperator dynamicShift(Steps steps) {
        double mu = steps.mu()
                .orElseThrow(
                        () -> new IllegalArgumentException("use_dynamic_shifting: got no mu, wanted Steps.withMu"));
        double shift = switch (config.text("time_shift_type")) {
            case "exponential" -> Math.exp(mu);
            case "linear" -> mu;
            default -> throw config.unknown("time_shift_type", "exponential", "linear");
        };
        return sigma -> shift / (shift + (1 / sigma - 1));
    }

    /** Stretches the levels so that the last is {@code shift_terminal}. */
    private double[] stretch(double[] sigmas) {
        double scale = (1 - sigmas[sigmas.length - 1]) / (1 - config.number("shift_terminal"));
        return map(sigmas, s -> 1 - (1 - s) / scale);
    }

    private double[] respace(double[] sigmas) {
        int n = sigmas.length;
        double min = config.optional("sigma_min").orElse(sigmas[n - 1]);
        double max = config.optional("sigma_max").orElse(sigmas[0]);
        if (config.flag("use_karras_sigmas")) {
            return Sigmas.karras(min, max, n, 7);
        }
        if (config.flag("use_exponential_sigmas")) {
            return Sigmas.exponential(min, max, n);
        }
        return config.flag("use_beta_sigmas") ? Sigmas.beta(min, max, n) : sigmas;
    }

    /** A run with one model call for each step, at {@code timesteps} or, where it is empty, at σ · num_train_timesteps. */
    Trajectory trajectory(Steps steps, List<Double> timesteps, RuleOf rule) {
        double[] starts = sigmas(steps);
        boolean inverted = config.flag("invert_sigmas");
        double[] sigmas = new double[starts.length + 1];
        Arrays.setAll(sigmas, i -> i == starts.length ? 0 : starts[i]);
        double[] all = inverted ? map(sigmas, s -> (float) (1 - s)) : sigmas;
        Level[] levels = new Level[starts.length];
        Arrays.setAll(
                levels,
                i -> Level.flow(timesteps.isEmpty() || inverted ? (float) (all[i] * train) : timesteps.get(i), all[i]));
        return trajectory(List.of(levels), all, steps, 1, rule.of(all));
    }

    Trajectory trajectory(List<Level> levels, double[] sigmas, Steps steps, int order, StepRule rule) {
        double[] timesteps = levels.stream().mapToDouble(Level::timestep).toArray();
        return new Trajectory(levels, sigmas, 1, steps.range(timesteps, order, train), rule);
    }

    /** Makes the rule for the levels of a run. */
    @FunctionalInterface
    interface RuleOf {
        StepRule of(double[] sigmas);
    }

    private static double[] fp32(List<Double> values) {
        return values.stream().mapToDouble(v -> v.floatValue()).toArray();
    }

    private static double[] map(double[] values, DoubleUnaryOperator function) {
        return Arrays.stream(values).map(function).toArray();
    }
}
