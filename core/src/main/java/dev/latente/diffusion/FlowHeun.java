package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Heun's method with optional churn for rectified flows (Karras et al. 2022, algorithm 2), two model calls for each step
 * but the last; diffusers' {@code FlowMatchHeunDiscreteScheduler}.
 */
record FlowHeun(SchedulerConfig config) implements Scheduler {
    @Override
    public Trajectory trajectory(Steps steps) {
        FlowSchedule schedule = new FlowSchedule(config);
        double[] starts = Arrays.stream(schedule.even(steps.count()))
                .map(s -> (float) schedule.shift(s))
                .toArray();
        Level[] levels = new Level[2 * starts.length - 1];
        double[] sigmas = SigmaSchedule.doubled(Arrays.copyOf(starts, starts.length + 1), levels.length + 1);
        int train = config.integer("num_train_timesteps");
        Arrays.setAll(levels, i -> Level.flow((float) (sigmas[i] * train), sigmas[i]));
        return schedule.trajectory(List.of(levels), sigmas, steps, 2, rule(sigmas, Churn.of(config, levels.length)));
    }

    private static StepRule rule(double[] sigmas, Churn churn) {
        return (i, x, output, history, noise) -> {
            double sigma = history.isEmpty() ? sigmas[i] : sigmas[i - 1];
            double sigmaHat = churn.sigma(sigma);
            // Noise is drawn at both calls of a step, and that of the second changes nothing.
            Tensor hat = churn.apply(x, sigma, noise);
            if (history.isEmpty()) {
                Tensor d = derivative(hat, output, sigma, sigmaHat);
                return List.of(hat.add(Ops.mul(d, sigmas[i + 1] - sigmaHat)), hat, d);
            }
            Tensor mean = Ops.mul(history.get(1).add(derivative(hat, output, sigmas[i], sigmas[i])), 0.5);
            return List.of(history.get(0).add(Ops.mul(mean, sigmas[i] - sigmaHat)));
        };
    }

    private static Tensor derivative(Tensor x, Tensor output, double sigma, double sigmaHat) {
        return Ops.div(x.sub(Prediction.FLOW.denoised(x, output, sigma)), sigmaHat);
    }
}
