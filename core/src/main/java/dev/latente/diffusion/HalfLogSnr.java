package dev.latente.diffusion;

/**
 * A noise level as the exponential integrators see it: x = α·x₀ + σ·ε, and λ = log(α/σ), half the logarithm of the signal to
 * noise ratio (Lu et al. 2022, section 3.1).
 */
record HalfLogSnr(float alpha, float sigma, float lambda) {
    private HalfLogSnr(float alpha, float sigma) {
        this(alpha, sigma, Fp32.log(alpha) - Fp32.log(sigma));
    }

    /** α² + σ² = 1, from the σ/α that sigma schedules list. */
    static HalfLogSnr preserving(double ratio) {
        float sigma = (float) ratio;
        float alpha = 1 / Fp32.sqrt(sigma * sigma + 1);
        return new HalfLogSnr(alpha, sigma * alpha);
    }

    /** α = 1. */
    static HalfLogSnr exploding(double sigma) {
        return new HalfLogSnr(1, (float) sigma);
    }

    /** α + σ = 1. */
    static HalfLogSnr flow(double sigma) {
        return new HalfLogSnr(1 - (float) sigma, (float) sigma);
    }

    /** σ/α, the noise level of the exploding form. */
    float rho() {
        return sigma / alpha;
    }
}
