package dev.latente.diffusion;

import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Consistency sampling of rectified flows: each step goes to the predicted picture and back up with new noise (Luo et al.
 * 2023), and with {@code scale_factors} the picture grows on the way. Diffusers' {@code FlowMatchLCMScheduler}.
 */
record FlowLcm(SchedulerConfig config) implements Scheduler {
    @Override
    public Trajectory trajectory(Steps steps) {
        double[] scales = config.has("scale_factors") ? config.numbers("scale_factors") : new double[0];
        if (scales.length > 0 && scales.length != steps.count() - 1) {
            throw new IllegalArgumentException("scale_factors: got [%d] for [%d] steps, wanted one less than steps"
                    .formatted(scales.length, steps.count()));
        }
        return new FlowSchedule(config)
                .trajectory(steps, steps.timesteps(), sigmas -> (i, x, output, history, noise) -> {
                    Tensor first = history.isEmpty() ? x : history.get(0);
                    Tensor denoised = Prediction.FLOW.denoised(x, output, sigmas[i]);
                    if (i < scales.length) {
                        denoised = Functional.resize(
                                denoised,
                                config.text("upscale_mode"),
                                (long) Math.rint(scales[i] * first.size(2)),
                                (long) Math.rint(scales[i] * first.size(3)));
                    }
                    Tensor fresh = noise.normal(Ops.shape(denoised));
                    return List.of(Ops.combine(1 - sigmas[i + 1], denoised, sigmas[i + 1], fresh), first);
                });
    }
}
