package dev.latente.diffusion;

import java.util.Arrays;

/** Which of the training timesteps are visited (Lin et al. 2023, table 2); all descending, none of them rounded to fp32. */
final class Spacing {
    private Spacing() {}

    /** From {@code timestep_spacing}, as the samplers of the sigma family space them. */
    static double[] of(SchedulerConfig config, int steps) {
        int train = config.integer("num_train_timesteps");
        int offset = config.integer("steps_offset");
        return switch (config.text("timestep_spacing")) {
            case "linspace" -> steps == 1 ? new double[1] : linspace(train - 1, 0, steps);
            case "leading" -> leading(train / steps, steps, offset);
            case "trailing" -> trailing(train, (double) train / steps);
            default -> throw config.unknown("timestep_spacing", "linspace", "leading", "trailing");
        };
    }

    /** n numbers from start to end. */
    static double[] linspace(double start, double end, int n) {
        double[] out = new double[n];
        double step = n > 1 ? (end - start) / (n - 1) : 0;
        Arrays.setAll(out, i -> i == n - 1 && n > 1 ? end : start + i * step);
        return out;
    }

    /** Multiples of an integer ratio, plus an offset. */
    static double[] leading(int ratio, int n, int offset) {
        double[] out = new double[n];
        Arrays.setAll(out, i -> (double) (n - 1 - i) * ratio + offset);
        return out;
    }

    /** Rounded multiples of a ratio counted from the end, minus one. */
    static double[] trailing(int train, double ratio) {
        double[] out = new double[(int) Math.ceil(train / ratio)];
        double step = train - ratio - train;
        Arrays.setAll(out, i -> Math.rint(train + i * step) - 1);
        return out;
    }

    /** From {@code timestep_spacing}, rounded to whole timesteps, as the samplers of the DDIM family space them. */
    static double[] whole(SchedulerConfig config, int steps) {
        return config.text("timestep_spacing").equals("linspace")
                ? descending(linspace(0, config.integer("num_train_timesteps") - 1, steps), steps)
                : of(config, steps);
    }

    /** The last n of ascending numbers, rounded, the largest first. */
    static double[] descending(double[] ascending, int n) {
        double[] out = new double[n];
        Arrays.setAll(out, i -> Math.rint(ascending[ascending.length - 1 - i]));
        return out;
    }
}
