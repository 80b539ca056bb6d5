package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Ancestral steps of the second-order singlestep DPM-Solver++ (Lu et al. 2022b, algorithm 1; k-diffusion's {@code sample_dpmpp_2s_ancestral}). */
record Dpmpp2sAncestral(SchedulerConfig config) implements Scheduler {
    @Override
    public Trajectory trajectory(Steps steps) {
        SigmaSchedule schedule = SigmaSchedule.of(config, steps);
        double[] sigmas = schedule.sigmas();
        List<Level> levels = new ArrayList<>();
        for (int k = 0; k < schedule.timesteps().length; k++) {
            levels.add(Level.exploding(schedule.timesteps()[k], sigmas[k]));
            if (sigmas[k + 1] > 0) {
                double middle = Math.sqrt(
                        sigmas[k] * Ancestral.between(sigmas[k], sigmas[k + 1]).down());
                levels.add(Level.exploding(schedule.timestep(middle), middle));
            }
        }
        Prediction prediction = Prediction.of(config);
        StepRule rule = (i, x, output, history, noise) -> {
            double sigma = sigmas[i / 2];
            double next = sigmas[i / 2 + 1];
            double here = levels.get(i).noise();
            Tensor denoised = prediction.denoised(x, output, here);
            if (next == 0) {
                return List.of(denoised);
            }
            if (history.isEmpty()) {
                return List.of(towards(x, denoised, levels.get(i + 1).noise() / sigma), x);
            }
            Ancestral step = Ancestral.between(sigma, next);
            return List.of(step.renoise(towards(history.get(0), denoised, step.down() / sigma), noise));
        };
        return schedule.trajectory(levels, sigmas, steps, 2, rule);
    }

    /** The exact step to a level of so much of this one, were the prediction constant. */
    static Tensor towards(Tensor x, Tensor denoised, double ratio) {
        return Ops.combine(ratio, x, 1 - ratio, denoised);
    }
}
