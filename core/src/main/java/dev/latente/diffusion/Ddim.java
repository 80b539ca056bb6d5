package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Denoising diffusion implicit models (Song et al. 2021, equation 12), with noise if {@code eta} > 0; diffusers' {@code DDIMScheduler}. */
record Ddim(SchedulerConfig config) implements Scheduler {
    @Override
    public Trajectory trajectory(Steps steps) {
        AlphaSchedule schedule = AlphaSchedule.of(config, steps);
        Prediction prediction = Prediction.of(config);
        Limit limit = Limit.thresholdOrClip(config);
        int stride = config.integer("num_train_timesteps") / steps.count();
        float eta = (float) config.number("eta");
        return schedule.trajectory(steps, (i, x, output, history, noise) -> {
            int t = schedule.timestep(i);
            float alphaT = schedule.alphaCumprod(t);
            float alphaPrev = schedule.alphaCumprod(t - stride);
            float signal = Fp32.sqrt(alphaT);
            float sigma = Fp32.sqrt(1 - alphaT);
            Tensor x0 = limit.apply(prediction.sample(x, output, signal, sigma));
            Tensor epsilon = config.flag("use_clipped_model_output")
                    ? Prediction.SAMPLE.noise(x, x0, signal, sigma)
                    : prediction.noise(x, output, signal, sigma);
            float deviation = eta * Fp32.sqrt((1 - alphaPrev) / (1 - alphaT) * (1 - alphaT / alphaPrev));
            // From noise alone with eta 1 nothing is left of it, and rounding may say less than nothing.
            float direction = Fp32.sqrt(Math.max(0, 1 - alphaPrev - deviation * deviation));
            Tensor next = Ops.combine(Fp32.sqrt(alphaPrev), x0, direction, epsilon);
            return List.of(eta > 0 ? Ops.addScaled(next, noise.normal(Ops.shape(x)), deviation) : next);
        });
    }
}
