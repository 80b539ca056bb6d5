package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** DDIM from a picture to its noise (Song et al. 2021, section 4.3); diffusers' {@code DDIMInverseScheduler}. */
record DdimInverse(SchedulerConfig config) implements Scheduler {
    @Override
    public Trajectory trajectory(Steps steps) {
        double[] timesteps = Spacing.whole(config, steps.count());
        int n = timesteps.length;
        double[] ascending = new double[n];
        java.util.Arrays.setAll(ascending, i -> timesteps[n - 1 - i]);
        AlphaSchedule schedule = new AlphaSchedule(config, ascending);
        Prediction prediction = Prediction.of(config);
        Limit limit = Limit.thresholdOrClip(config.with("thresholding", false));
        int train = config.integer("num_train_timesteps");
        return schedule.trajectory(steps, (i, x, output, history, noise) -> {
            int next = schedule.timestep(i);
            float alphaT = schedule.alphaCumprod(Math.min(next - train / steps.count(), train - 1));
            float alphaNext = schedule.alphaCumprod(next);
            float signal = Fp32.sqrt(alphaT);
            float sigma = Fp32.sqrt(1 - alphaT);
            Tensor x0 = limit.apply(prediction.sample(x, output, signal, sigma));
            Tensor epsilon = prediction.noise(x, output, signal, sigma);
            return List.of(Ops.combine(Fp32.sqrt(alphaNext), x0, Fp32.sqrt(1 - alphaNext), epsilon));
        });
    }
}
