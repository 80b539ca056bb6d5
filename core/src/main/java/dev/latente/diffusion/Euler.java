package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Euler's method with optional churn (Karras et al. 2022, algorithm 2 without the correction); diffusers'
 * {@code EulerDiscreteScheduler}.
 */
record Euler(SchedulerConfig config) implements Scheduler {
    @Override
    public Trajectory trajectory(Steps steps) {
        SigmaSchedule schedule = schedule(steps);
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

    private SigmaSchedule schedule(Steps steps) {
        SigmaSchedule schedule =
                steps.sigmas().isEmpty() ? trained(steps) : SigmaSchedule.custom(config, steps.sigmas());
        boolean continuous = config.text("timestep_type").equals("continuous");
        return continuous && Prediction.of(config) == Prediction.V_PREDICTION
                ? schedule.withTimesteps(sigma -> 0.25 * Math.log(sigma))
                : schedule;
    }

    private SigmaSchedule trained(Steps steps) {
        SigmaSchedule spaced = SigmaSchedule.spaced(config, steps);
        SigmaSchedule schedule = switch (config.text("interpolation_type")) {
            case "linear" -> spaced;
            case "log_linear" -> spaced.logLinear();
            default -> throw config.unknown("interpolation_type", "linear", "log_linear");
        };
        double last = switch (config.text("final_sigmas_type")) {
            case "zero" -> 0;
            case "sigma_min" -> schedule.smallest();
            default -> throw config.unknown("final_sigmas_type", "zero", "sigma_min");
        };
        return schedule.respaced().endingAt(last);
    }
}
