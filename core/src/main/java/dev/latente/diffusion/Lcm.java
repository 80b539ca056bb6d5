package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Multistep sampling of a latent consistency model (Luo et al. 2023, algorithm 3); diffusers' {@code LCMScheduler}. */
record Lcm(SchedulerConfig config) implements Scheduler {
    /** Standard deviation of the data that the boundary condition assumes. */
    private static final float SIGMA_DATA = 0.5f;

    @Override
    public Trajectory trajectory(Steps steps) {
        int train = config.integer("num_train_timesteps");
        int original = steps.teacher().steps().orElse(config.integer("original_inference_steps"));
        AlphaSchedule schedule = new AlphaSchedule(
                config, DistilledTimesteps.of(config, steps, DistilledTimesteps.every(train / original, original)));
        Prediction prediction = Prediction.of(config);
        Limit limit = Limit.thresholdOrClip(config);
        float scaling = (float) config.number("timestep_scaling");
        return schedule.trajectory(steps, (i, x, output, history, noise) -> {
            int t = schedule.timestep(i);
            float alphaT = schedule.alphaCumprod(t);
            Tensor x0 = limit.apply(prediction.sample(x, output, Fp32.sqrt(alphaT), Fp32.sqrt(1 - alphaT)));
            float time = t * scaling;
            float total = time * time + SIGMA_DATA * SIGMA_DATA;
            Tensor denoised = Ops.combine(time / Fp32.sqrt(total), x0, SIGMA_DATA * SIGMA_DATA / total, x);
            if (i == steps.count() - 1) {
                return List.of(denoised);
            }
            float alphaNext = schedule.alphaCumprod(schedule.timestep(Math.min(i + 1, schedule.calls() - 1)));
            Tensor epsilon = noise.normal(Ops.shape(x));
            return List.of(Ops.combine(Fp32.sqrt(alphaNext), denoised, Fp32.sqrt(1 - alphaNext), epsilon));
        });
    }
}
