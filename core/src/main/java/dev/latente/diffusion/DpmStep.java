package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/**
 * One step of an exponential integrator in λ: x_t = a·x - c·(φ₁·D₀ + φ₂·D₁ + φ₃·D₂) + noise·ε, with D₀, D₁, D₂ the model's
 * output and its divided differences (Lu et al. 2022, algorithms 1 and 2; Lu et al. 2022b, appendices A and B).
 *
 * @param k exponent of the φ functions: -h for the picture, h for the noise, -2h for the SDE in the picture
 */
record DpmStep(DpmAlgorithm algorithm, float a, float c, float k, float noise) {
    static DpmStep of(DpmAlgorithm algorithm, HalfLogSnr s, HalfLogSnr t) {
        float h = t.lambda() - s.lambda();
        return switch (algorithm) {
            case DPM_SOLVER -> new DpmStep(algorithm, t.alpha() / s.alpha(), t.sigma(), h, 0);
            case DPM_SOLVER_PP -> new DpmStep(algorithm, t.sigma() / s.sigma(), t.alpha(), -h, 0);
            case SDE_DPM_SOLVER ->
                new DpmStep(
                        algorithm, t.alpha() / s.alpha(), 2 * t.sigma(), h, t.sigma() * Fp32.sqrt(Fp32.exp(2 * h) - 1));
            case SDE_DPM_SOLVER_PP ->
                new DpmStep(
                        algorithm,
                        t.sigma() / s.sigma() * Fp32.exp(-h),
                        t.alpha(),
                        -2 * h,
                        t.sigma() * Fp32.sqrt(1 - Fp32.exp(-2 * h)));
        };
    }

    /** The part of the step that a constant output accounts for. */
    Tensor first(Tensor x, Tensor d0) {
        return Ops.combine(a, x, -c * phi1(), d0);
    }

    /** Adds the slope, weighted as in the midpoint method. */
    Tensor midpoint(Tensor next, Tensor d1) {
        return Ops.addScaled(next, d1, -(0.5f * (c * phi1())));
    }

    /** Adds the slope, integrated exactly. */
    Tensor second(Tensor next, Tensor d1) {
        return Ops.addScaled(next, d1, -c * (phi1() / k - 1));
    }

    /** Adds the curvature. */
    Tensor third(Tensor next, Tensor d2) {
        float phi3 = (phi1() - k) / (k * k);
        // The reference has the sign of the half the other way round in its SDE solvers; results have to agree with it.
        return Ops.addScaled(next, d2, -c * (algorithm.stochastic() ? phi3 + 0.5f : phi3 - 0.5f));
    }

    /** Adds fresh noise if the equation is stochastic. */
    Tensor stir(Tensor next, NoiseSource source) {
        return algorithm.stochastic() ? Ops.addScaled(next, source.normal(Ops.shape(next)), noise) : next;
    }

    private float phi1() {
        return Fp32.exp(k) - 1;
    }
}
