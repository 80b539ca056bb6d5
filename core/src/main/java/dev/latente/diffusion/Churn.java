package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/** Noise put back before a step (Karras et al. 2022, algorithm 2): σ is raised by a factor 1+γ between two bounds. */
record Churn(double gamma, double low, double high, double scale) {
    static Churn of(SchedulerConfig config, int steps) {
        double gamma = Math.min(config.number("s_churn") / steps, Math.sqrt(2) - 1);
        return new Churn(gamma, config.number("s_tmin"), config.number("s_tmax"), config.number("s_noise"));
    }

    /** σ after the noise. */
    double sigma(double sigma) {
        return low <= sigma && sigma <= high ? sigma * (gamma + 1) : sigma;
    }

    Tensor apply(Tensor x, double sigma, NoiseSource noise) {
        double raised = sigma(sigma);
        return raised > sigma
                ? Ops.addScaled(x, noise.normal(Ops.shape(x)), scale * Math.sqrt(raised * raised - sigma * sigma))
                : x;
    }
}
