package dev.latente.diffusion;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/** The timesteps and noise levels that a sampler of the sigma family visits: one of each for every step. */
final class SigmaSchedule {
    private final SchedulerConfig config;
    private final double[] train;
    private final double[] timesteps;
    private final double[] sigmas;

    private SigmaSchedule(SchedulerConfig config, double[] train, double[] timesteps, double[] sigmas) {
        this.config = config;
        this.train = train;
        this.timesteps = fp32(timesteps);
        this.sigmas = sigmas;
    }

    /** As the model was trained: {@code timestep_spacing}, or the timesteps of the caller. */
    static SigmaSchedule spaced(SchedulerConfig config, Steps steps) {
        double[] train = train(config);
        double[] timesteps =
                fp32(steps.timesteps().isEmpty() ? Spacing.of(config, steps.count()) : array(steps.timesteps()));
        double[] sigmas = map(timesteps, t -> Sigmas.at(t, train));
        return new SigmaSchedule(config, train, timesteps, sigmas);
    }

    /** The caller's noise levels, or else the trained ones, respaced, down to 0. */
    static SigmaSchedule of(SchedulerConfig config, Steps steps) {
        return steps.sigmas().isEmpty() ? spaced(config, steps).respaced().endingAt(0) : custom(config, steps.sigmas());
    }

    /** The noise levels of the caller, the final one included, with the timesteps that come closest. */
    static SigmaSchedule custom(SchedulerConfig config, List<Double> sigmas) {
        double[] train = train(config);
        double[] levels = fp32(array(sigmas));
        SigmaSchedule schedule = new SigmaSchedule(config, train, new double[levels.length - 1], levels);
        return schedule.withTimesteps(schedule::timestep);
    }

    private static double[] train(SchedulerConfig config) {
        NoiseSchedule noise = NoiseSchedule.of(config);
        double[] train = noise.sigmas();
        if (noise.alphaCumprod(train.length - 1) == 0) {
            // Without any signal left σ would be infinite; ᾱ = 2⁻²⁴ instead.
            train[train.length - 1] = 0x1p12;
        }
        return train;
    }

    /** The same number of levels between the same bounds, as {@code use_karras_sigmas} and its like ask for. */
    SigmaSchedule respaced() {
        double min = config.optional("sigma_min").orElse(sigmas[sigmas.length - 1]);
        double max = config.optional("sigma_max").orElse(sigmas[0]);
        int n = timesteps.length;
        if (config.flag("use_karras_sigmas")) {
            return withSigmas(Sigmas.karras(min, max, n, 7));
        }
        if (config.flag("use_exponential_sigmas")) {
            return withSigmas(Sigmas.exponential(min, max, n));
        }
        return config.flag("use_beta_sigmas") ? withSigmas(Sigmas.beta(min, max, n)) : this;
    }

    private SigmaSchedule withSigmas(double[] sigmas) {
        return new SigmaSchedule(config, train, timesteps, sigmas).withTimesteps(this::timestep);
    }

    /** Evenly spaced in log σ over the whole schedule, without telling the model: the timesteps stay. */
    SigmaSchedule logLinear() {
        double[] even = Sigmas.exponential(train[0], train[train.length - 1], timesteps.length + 1);
        return new SigmaSchedule(config, train, timesteps, even);
    }

    /** The same levels, with timesteps as a function of σ. */
    SigmaSchedule withTimesteps(DoubleUnaryOperator timestep) {
        double[] starts = Arrays.copyOf(sigmas, timesteps.length);
        return new SigmaSchedule(config, train, map(starts, timestep), sigmas);
    }

    /** With the level at which the run ends. */
    SigmaSchedule endingAt(double sigma) {
        double[] all = Arrays.copyOf(sigmas, sigmas.length + 1);
        all[sigmas.length] = sigma;
        return new SigmaSchedule(config, train, timesteps, fp32(all));
    }

    double[] timesteps() {
        return timesteps;
    }

    double[] sigmas() {
        return sigmas;
    }

    /** The smallest level that the model was trained on. */
    double smallest() {
        return train[0];
    }

    /** The training timestep that comes closest to a level. */
    double timestep(double sigma) {
        return Sigmas.timestep(sigma, train);
    }

    /** Standard deviation of the start: pure noise, or noise over a picture of unit variance if the first timestep is not the last trained. */
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
        return trajectory(levels, sigmas, steps, 1, rule);
    }

    /** A run of which each step but the last takes {@code order} model calls. */
    Trajectory trajectory(List<Level> levels, double[] allSigmas, Steps steps, int order, StepRule rule) {
        double[] calls = levels.stream().mapToDouble(Level::timestep).toArray();
        Steps.Range range = steps.range(calls, order, config.integer("num_train_timesteps"));
        return new Trajectory(levels, allSigmas, initNoiseSigma(), range, rule);
    }

    /** The first value once and each of the others twice, as methods of order two visit them; the last fills the rest. */
    static double[] doubled(double[] values, int length) {
        double[] out = new double[length];
        Arrays.setAll(out, i -> values[Math.min((i + 1) / 2, values.length - 1)]);
        return out;
    }

    private static double[] array(List<Double> values) {
        return values.stream().mapToDouble(v -> v).toArray();
    }

    private static double[] map(double[] values, DoubleUnaryOperator function) {
        return Arrays.stream(values).map(function).toArray();
    }

    private static double[] fp32(double[] values) {
        return map(values, v -> (float) v);
    }
}
