package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Euler's method with ancestral noise (k-diffusion's {@code sample_euler_ancestral}); diffusers' {@code EulerAncestralDiscreteScheduler}. */
record EulerAncestral(SchedulerConfig config) implements Scheduler {
    @Override
    public Trajectory trajectory(Steps steps) {
        // The reference has no other spacings here and ignores use_karras_sigmas and its like.
        SigmaSchedule schedule = steps.sigmas().isEmpty()
                ? SigmaSchedule.spaced(config, steps).endingAt(0)
                : SigmaSchedule.custom(config, steps.sigmas());
        double[] sigmas = schedule.sigmas();
        Prediction prediction = Prediction.of(config);
        return schedule.trajectory(steps, (i, x, output, history, noise) -> {
            Ancestral step = Ancestral.between(sigmas[i], sigmas[i + 1]);
            Tensor denoised = prediction.denoised(x, output, sigmas[i]);
            Tensor d = Ops.div(x.sub(denoised), sigmas[i]);
            return List.of(step.renoise(x.add(Ops.mul(d, step.down() - sigmas[i])), noise));
        });
    }
}
