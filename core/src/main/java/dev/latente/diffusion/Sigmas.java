package dev.latente.diffusion;

import java.util.Arrays;

/** Lists of noise levels σ, descending, and what goes with them. */
final class Sigmas {
    private Sigmas() {}

    /** Evenly spaced in σ^(1/ρ) (Karras et al. 2022, equation 5). */
    static double[] karras(double min, double max, int n, double rho) {
        return Arrays.stream(Spacing.linspace(Math.pow(max, 1 / rho), Math.pow(min, 1 / rho), n))
                .map(s -> Math.pow(s, rho))
                .toArray();
    }

    /** Evenly spaced in log σ. */
    static double[] exponential(double min, double max, int n) {
        return Arrays.stream(Spacing.linspace(Math.log(max), Math.log(min), n))
                .map(Math::exp)
                .toArray();
    }

    /** Dense at both ends: quantiles of the beta distribution with α = β = 0.6 (Lee et al. 2024). */
    static double[] beta(double min, double max, int n) {
        return Arrays.stream(Spacing.linspace(1, 0, n))
                .map(p -> min + (max - min) * symmetricBetaQuantile(p, 0.6))
                .toArray();
    }

    /** x with I_x(a, a) = p, by bisection. */
    static double symmetricBetaQuantile(double p, double a) {
        if (p > 0.5) {
            return 1 - symmetricBetaQuantile(1 - p, a);
        }
        double area = p * 2 * incompleteBeta(0.5, a);
        double low = 0;
        double high = 0.5;
        for (int i = 0; i < 100; i++) {
            double middle = (low + high) / 2;
            if (incompleteBeta(middle, a) < area) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    /** B(x; a, a) for x up to ½, by its power series. */
    private static double incompleteBeta(double x, double a) {
        double term = 1;
        double sum = 0;
        for (int n = 0; n < 60; n++) {
            sum += term / (a + n);
            term *= x * (n + 1 - a) / (n + 1);
        }
        return sum * Math.pow(x, a);
    }

    /**
     * The fractional training timestep whose log σ that is, clamped to the schedule; {@code sigmas} ascending. The logarithms of
     * the schedule are fp32, which decides on which side of a whole timestep a σ of the schedule itself falls.
     */
    static double timestep(double sigma, double[] sigmas) {
        double log = Math.log(Math.max(sigma, 1e-10));
        int low = 0;
        while (low < sigmas.length - 2 && Fp32.log((float) sigmas[low + 1]) <= log) {
            low++;
        }
        float from = Fp32.log((float) sigmas[low]);
        double w = (from - log) / (from - Fp32.log((float) sigmas[low + 1]));
        w = Math.max(0, Math.min(1, w));
        return (1 - w) * low + w * (low + 1);
    }

    /** σ at a fractional training timestep; {@code sigmas} ascending. */
    static double at(double timestep, double[] sigmas) {
        int low = Math.max(0, Math.min((int) timestep, sigmas.length - 2));
        double w = Math.max(0, Math.min(1, timestep - low));
        return sigmas[low] + w * (sigmas[low + 1] - sigmas[low]);
    }
}
