package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Euler's method for rectified flows (Lipman et al. 2023; Esser et al. 2024); with {@code stochastic_sampling} each step
 * goes to the predicted picture and back up with new noise. Diffusers' {@code FlowMatchEulerDiscreteScheduler}.
 */
record FlowEuler(SchedulerConfig config) implements Scheduler {
    @Override
    public Trajectory trajectory(Steps steps) {
        boolean stochastic = config.flag("stochastic_sampling");
        return new FlowSchedule(config).trajectory(steps, List.of(), sigmas -> (i, x, output, history, noise) -> {
            if (!stochastic) {
                return List.of(x.add(Ops.mul(output, sigmas[i + 1] - sigmas[i])));
            }
            Tensor denoised = Prediction.FLOW.denoised(x, output, sigmas[i]);
            Tensor fresh = noise.normal(Ops.shape(x));
            return List.of(Ops.combine(1 - sigmas[i + 1], denoised, sigmas[i + 1], fresh));
        });
    }
}
