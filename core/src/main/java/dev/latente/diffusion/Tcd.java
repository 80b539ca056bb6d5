package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Strategic stochastic sampling of a trajectory consistency model (Zheng et al. 2024, algorithm 4); {@code eta} is the paper's
 * γ; diffusers' {@code TCDScheduler}.
 */
record Tcd(SchedulerConfig config) implements Scheduler {
    @Override
    public Trajectory trajectory(Steps steps) {
        int train = config.integer("num_train_timesteps");
        int original = config.integer("original_inference_steps");
        int[] teacher = steps.teacher().steps().isPresent()
                ? DistilledTimesteps.all(train)
                : DistilledTimesteps.every(train / original, original);
        AlphaSchedule schedule = new AlphaSchedule(config, DistilledTimesteps.of(config, steps, teacher));
        Prediction prediction = Prediction.of(config);
        float eta = (float) config.number("eta");
        return schedule.trajectory(steps, (i, x, output, history, noise) -> {
            float alphaT = schedule.alphaCumprod(schedule.timestep(i));
            int t = i + 1 < schedule.calls() ? schedule.timestep(i + 1) : 0;
            float alphaNext = schedule.alphaCumprod(t);
            float alphaS = schedule.alphaCumprod((int) Math.floor((float) (1 - config.number("eta")) * t));
            float signal = Fp32.sqrt(alphaT);
            float sigma = Fp32.sqrt(1 - alphaT);
            Tensor x0 = prediction.sample(x, output, signal, sigma);
            Tensor epsilon = prediction.noise(x, output, signal, sigma);
            Tensor noised = Ops.combine(Fp32.sqrt(alphaS), x0, Fp32.sqrt(1 - alphaS), epsilon);
            if (eta == 0 || i == steps.count() - 1) {
                return List.of(noised);
            }
            float kept = alphaNext / alphaS;
            return List.of(Ops.combine(Fp32.sqrt(kept), noised, Fp32.sqrt(1 - kept), noise.normal(Ops.shape(x))));
        });
    }
}
