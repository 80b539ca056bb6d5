package dev.latente.diffusion;

import java.util.ArrayList;
import java.util.List;

/** The timesteps that a sampler of the DDIM family visits, and how much of the picture is left at them. */
final class AlphaSchedule {
    private final SchedulerConfig config;
    private final double[] alphasCumprod;
    private final double[] timesteps;

    /** The timesteps are one for each model call of the uncut schedule. */
    AlphaSchedule(SchedulerConfig config, double[] timesteps) {
        this.config = config;
        this.alphasCumprod = NoiseSchedule.of(config).alphasCumprod();
        this.timesteps = timesteps;
    }

    /**
     * Those of {@code timestep_spacing}, or custom ones.
     *
     * @throws IllegalArgumentException if there are more steps than training timesteps
     */
    static AlphaSchedule of(SchedulerConfig config, Steps steps) {
        int train = config.integer("num_train_timesteps");
        if (steps.count() > train) {
            throw new IllegalArgumentException("%s: steps: got [%d], wanted at most num_train_timesteps [%d]"
                    .formatted(config.className(), steps.count(), train));
        }
        return new AlphaSchedule(
                config,
                steps.timesteps().isEmpty()
                        ? Spacing.whole(config, steps.count())
                        : steps.timesteps().stream().mapToDouble(t -> t).toArray());
    }

    int timestep(int i) {
        return (int) timesteps[i];
    }

    int calls() {
        return timesteps.length;
    }

    /** ᾱ at a training timestep; before the first one, what {@code set_alpha_to_one} says. */
    float alphaCumprod(int timestep) {
        if (timestep >= 0) {
            return (float) alphasCumprod[timestep];
        }
        return config.flag("set_alpha_to_one") ? 1 : (float) alphasCumprod[0];
    }

    Trajectory trajectory(Steps steps, StepRule rule) {
        List<Level> levels = new ArrayList<>();
        for (double t : timesteps) {
            levels.add(Level.preserving(t, alphasCumprod[(int) t]));
        }
        return new Trajectory(levels, new double[0], 1, range(steps), rule);
    }

    Steps.Range range(Steps steps) {
        return steps.range(timesteps, 1, alphasCumprod.length);
    }
}
