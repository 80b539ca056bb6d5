package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Heun's method (Karras et al. 2022, algorithm 1), two model calls for each step but the last; diffusers' {@code HeunDiscreteScheduler}. */
record Heun(SchedulerConfig config) implements Scheduler {
    @Override
    public Trajectory trajectory(Steps steps) {
        SigmaSchedule schedule = SigmaSchedule.of(config, steps);
        int calls = 2 * schedule.timesteps().length - 1;
        double[] timesteps = SigmaSchedule.doubled(schedule.timesteps(), calls);
        double[] sigmas = SigmaSchedule.doubled(schedule.sigmas(), calls + 1);
        Level[] levels = new Level[calls];
        Arrays.setAll(levels, i -> Level.exploding(timesteps[i], sigmas[i]));
        return schedule.trajectory(List.of(levels), sigmas, steps, 2, rule(sigmas));
    }

    private StepRule rule(double[] sigmas) {
        Prediction prediction = Prediction.of(config);
        double range = config.flag("clip_sample") ? config.number("clip_sample_range") : Double.POSITIVE_INFINITY;
        return (i, x, output, history, noise) -> {
            Tensor denoised = Ops.clamp(prediction.denoised(x, output, sigmas[i]), -range, range);
            Tensor d = Ops.div(x.sub(denoised), sigmas[i]);
            if (history.isEmpty()) {
                return List.of(x.add(Ops.mul(d, sigmas[i + 1] - sigmas[i])), x, d);
            }
            Tensor start = history.get(0);
            Tensor mean = Ops.div(history.get(1).add(d), 2);
            return List.of(start.add(Ops.mul(mean, sigmas[i] - sigmas[i - 1])));
        };
    }
}
