package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Euler's method with optional churn (Karras et al. 2022, algorithm 2 without the correction); diffusers' {@code EulerDiscreteScheduler}. */
record Euler(SchedulerConfig config) implements Scheduler {
    @Override
    public Trajectory trajectory(Steps steps) {
        SigmaSchedule schedule = SigmaSchedule.of(config, steps);
        double[] sigmas = schedule.sigmas();
        Prediction prediction = Prediction.of(config);
        Churn churn = Churn.of(config, sigmas.length - 1);
        return schedule.trajectory(steps, (i, x, output, history, noise) -> {
            double sigma = sigmas[i];
            double sigmaHat = churn.sigma(sigma);
            Tensor hat = churn.apply(x, sigma, noise);
            Tensor denoised = prediction.denoised(hat, output, prediction == Prediction.EPSILON ? sigmaHat : sigma);
            Tensor d = Ops.div(hat.sub(denoised), sigmaHat);
            return List.of(hat.add(Ops.mul(d, sigmas[i + 1] - sigmaHat)));
        });
    }
}
