package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/** Preconditioning and noise levels of Karras et al. 2022 (table 1, column "ours"), from {@code sigma_data} and its like. */
record Edm(SchedulerConfig config) {
    /** The levels of a run, with the final one; custom {@code sigmas} of the steps are places between 0, the first, and 1, the last. */
    double[] sigmas(Steps steps) {
        double min = config.number("sigma_min");
        double max = config.number("sigma_max");
        int n = steps.count();
        double[] levels = switch (config.text("sigma_schedule")) {
            case "karras" -> karras(min, max, ramp(steps));
            case "exponential" -> Sigmas.exponential(min, max, n);
            default -> throw config.unknown("sigma_schedule", "karras", "exponential");
        };
        double[] all = Arrays.copyOf(levels, n + 1);
        all[n] = switch (config.text("final_sigmas_type")) {
            case "zero" -> 0;
            case "sigma_min" -> levels[n - 1];
            default -> throw config.unknown("final_sigmas_type", "zero", "sigma_min");
        };
        return Arrays.stream(all).map(s -> (float) s).toArray();
    }

    private double[] karras(double min, double max, double[] ramp) {
        double rho = config.number("rho");
        double start = Math.pow(max, 1 / rho);
        double end = Math.pow(min, 1 / rho);
        return Arrays.stream(ramp)
                .map(r -> Math.pow(start + r * (end - start), rho))
                .toArray();
    }

    private static double[] ramp(Steps steps) {
        return steps.sigmas().isEmpty()
                ? Spacing.linspace(0, 1, steps.count())
                : steps.sigmas().stream().mapToDouble(s -> s).toArray();
    }

    double initNoiseSigma() {
        return Math.hypot(config.number("sigma_max"), 1);
    }

    /** What the model is told, c_noise, and how its input is scaled, 1/c_in. */
    Level level(double sigma) {
        return new Level((float) (0.25 * Math.log(sigma)), Math.hypot(sigma, config.number("sigma_data")), 1, sigma);
    }

    /** c_skip·x + c_out·output. */
    Tensor denoised(Tensor x, Tensor output, double sigma) {
        double data = config.number("sigma_data");
        double variance = sigma * sigma + data * data;
        double out = sigma * data / Math.sqrt(variance);
        double sign = switch (Prediction.of(config)) {
            case EPSILON -> 1;
            case V_PREDICTION -> -1;
            case SAMPLE, FLOW -> throw config.unknown("prediction_type", "epsilon", "v_prediction");
        };
        return Ops.mul(x, data * data / variance).add(Ops.mul(output, sign * out));
    }
}
