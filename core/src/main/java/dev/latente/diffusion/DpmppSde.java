package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** The second-order singlestep solver of the diffusion SDE (Lu et al. 2022b, with r = ½; k-diffusion's {@code sample_dpmpp_sde}). */
record DpmppSde(SchedulerConfig config) implements Scheduler {
    @Override
    public Trajectory trajectory(Steps steps) {
        SigmaSchedule schedule = SigmaSchedule.of(config, steps);
        double[] sigmas = schedule.sigmas();
        List<Level> levels = new ArrayList<>();
        for (int k = 0; k < schedule.timesteps().length; k++) {
            levels.add(Level.exploding(schedule.timesteps()[k], sigmas[k]));
            if (sigmas[k + 1] > 0) {
                double middle = Math.sqrt(sigmas[k] * sigmas[k + 1]);
                levels.add(Level.exploding(schedule.timestep(middle), middle));
            }
        }
        Prediction prediction = Prediction.of(config);
        StepRule rule = (i, x, output, history, noise) -> {
            double sigma = sigmas[i / 2];
            double next = sigmas[i / 2 + 1];
            Tensor denoised = prediction.denoised(x, output, levels.get(i).noise());
            if (next == 0) {
                return List.of(denoised);
            }
            Tensor fresh = noise.normal(Ops.shape(x));
            double middle = Math.sqrt(sigma * next);
            if (history.isEmpty()) {
                return List.of(step(x, denoised, fresh, sigma, middle), x, fresh);
            }
            // One Brownian motion in σ drives both calls: the second adds the way from the middle to what the first
            // saw.
            Tensor both = Ops.combine(
                    Math.sqrt((sigma - middle) / (sigma - next)),
                    history.get(1),
                    Math.sqrt((middle - next) / (sigma - next)),
                    fresh);
            return List.of(step(history.get(0), denoised, both, sigma, next));
        };
        return schedule.trajectory(levels, sigmas, steps, 2, rule);
    }

    private static Tensor step(Tensor x, Tensor denoised, Tensor noise, double sigma, double next) {
        Ancestral ancestral = Ancestral.between(sigma, next);
        Tensor down = Dpmpp2sAncestral.towards(x, denoised, ancestral.down() / sigma);
        return Ops.addScaled(down, noise, ancestral.up());
    }
}
