package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * x_t = a·x + Σ bⱼ·mⱼ + noise·ε, where the sum integrates the polynomial through the model outputs exactly (Xue et al. 2023,
 * section 4.2).
 */
final class SaStep {
    private final float a;
    private final float[] b;
    private final float noise;

    private SaStep(float a, float[] b, float noise) {
        this.a = a;
        this.b = b;
        this.noise = noise;
    }

    /**
     * From level {@code from} to the next.
     *
     * @param newest level of the newest output: {@code from} for the predictor, the one after it for the corrector
     * @param order how many outputs there are, each one level before the other
     */
    static SaStep of(HalfLogSnr[] levels, int from, int newest, int order, float tau, boolean predictX0) {
        HalfLogSnr s = levels[from];
        HalfLogSnr t = levels[from + 1];
        float[] nodes = new float[order];
        for (int j = 0; j < order; j++) {
            nodes[j] = levels[newest - j].lambda();
        }
        float h = t.lambda() - s.lambda();
        float k = 1 + tau * tau;
        float[] b = new float[order];
        for (int j = 0; j < order; j++) {
            float[] polynomial = lagrange(nodes, j);
            for (int power = order - 1; power >= 0; power--) {
                float coefficient = polynomial[order - 1 - power];
                b[j] += coefficient
                        * (predictX0
                                ? rising(power, s.lambda(), t.lambda(), k)
                                : falling(power, s.lambda(), t.lambda()));
            }
        }
        if (!predictX0) {
            for (int j = 0; j < order; j++) {
                b[j] *= -k * t.alpha();
            }
            return new SaStep(t.alpha() / s.alpha(), b, tau * t.sigma() * Fp32.sqrt(Fp32.exp(2 * h) - 1));
        }
        if (order == 2) {
            // The authors' code replaces the slope's integral by one that is accurate for small steps.
            float slope = Fp32.exp(k * t.lambda())
                    * (h * h / 2 - (h * k - 1 + Fp32.exp(k * -h)) / (k * k))
                    / (nodes[0] - nodes[1]);
            b[0] += slope;
            b[1] -= slope;
        }
        for (int j = 0; j < order; j++) {
            b[j] *= k * t.sigma() * Fp32.exp(-tau * tau * t.lambda());
        }
        return new SaStep(
                Fp32.exp(-tau * tau * h) * (t.sigma() / s.sigma()),
                b,
                t.sigma() * Fp32.sqrt(1 - Fp32.exp(-2 * tau * tau * h)));
    }

    Tensor apply(Tensor x, List<Tensor> outputs, Tensor epsilon) {
        // The terms of the sum are large and cancel, so they come first.
        Tensor sum = Ops.mul(outputs.get(0), b[0]);
        for (int j = 1; j < b.length; j++) {
            sum = sum.add(Ops.mul(outputs.get(j), b[j]));
        }
        return Ops.mul(x, a).add(sum).add(Ops.mul(epsilon, noise));
    }

    /** Coefficients, highest power first, of the polynomial that is 1 at node j and 0 at the others. */
    private static float[] lagrange(float[] nodes, int j) {
        float[] others = new float[nodes.length - 1];
        float denominator = 1;
        for (int n = 0, at = 0; n < nodes.length; n++) {
            if (n != j) {
                others[at++] = nodes[n];
                denominator *= nodes[j] - nodes[n];
            }
        }
        float[] coefficients = new float[nodes.length];
        for (int n = 0; n < nodes.length; n++) {
            float sign = n % 2 == 0 ? 1 : -1;
            coefficients[n] = sign * symmetric(others, n, 0, 1) / denominator;
        }
        return coefficients;
    }

    /** Sum of the products of every choice of n values from {@code from} on, times {@code product}. */
    private static float symmetric(float[] values, int n, int from, float product) {
        if (n == 0) {
            return product;
        }
        float sum = 0;
        for (int i = from; i <= values.length - n; i++) {
            sum += symmetric(values, n - 1, i + 1, product * values[i]);
        }
        return sum;
    }

    /** ∫ λⁿ·e^(kλ) dλ from s to t. */
    private static float rising(int n, float s, float t, float k) {
        float ks = k * s;
        float kt = k * t;
        float kPower = k;
        for (int i = 0; i < n; i++) {
            kPower *= k;
        }
        return Fp32.exp(kt) * (poly(n, kt, -1) - poly(n, ks, -1) * Fp32.exp(-(kt - ks))) / kPower;
    }

    /** ∫ λⁿ·e^(-λ) dλ from s to t. */
    private static float falling(int n, float s, float t) {
        return Fp32.exp(-t) * (poly(n, s, 1) * Fp32.exp(t - s) - poly(n, t, 1));
    }

    /** xⁿ + sign·n·xⁿ⁻¹ + n(n-1)·xⁿ⁻² + …, which is what integration by parts leaves beside the exponential. */
    private static float poly(int n, float x, int sign) {
        float sum = 0;
        float factor = 1;
        for (int power = n; power >= 0; power--) {
            float xPower = 1;
            for (int i = 0; i < power; i++) {
                xPower *= x;
            }
            sum += factor * xPower;
            factor *= sign * power;
        }
        return sum;
    }
}
