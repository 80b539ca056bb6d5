package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Euler's method with optional churn for models with the preconditioning of EDM (Karras et al. 2022, algorithm 2 without
 * the correction); diffusers' {@code EDMEulerScheduler}.
 */
record EdmEuler(SchedulerConfig config) implements Scheduler {
    @Override
    public Trajectory trajectory(Steps steps) {
        Edm edm = new Edm(config);
        double[] sigmas = edm.sigmas(steps);
        Churn churn = Churn.of(config, sigmas.length - 1);
        StepRule rule = (i, x, output, history, noise) -> {
            double sigmaHat = churn.sigma(sigmas[i]);
            Tensor hat = churn.apply(x, sigmas[i], noise);
            Tensor d = Ops.div(hat.sub(edm.denoised(hat, output, sigmaHat)), sigmaHat);
            return List.of(hat.add(Ops.mul(d, sigmas[i + 1] - sigmaHat)));
        };
        List<Level> levels =
                Arrays.stream(sigmas, 0, sigmas.length - 1).mapToObj(edm::level).toList();
        double[] timesteps = levels.stream().mapToDouble(Level::timestep).toArray();
        Steps.Range range = steps.range(timesteps, 1, config.integer("num_train_timesteps"));
        return new Trajectory(levels, sigmas, edm.initNoiseSigma(), range, rule);
    }
}
