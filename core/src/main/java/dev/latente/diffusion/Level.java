package dev.latente.diffusion;

/**
 * The noise level of one model call: noisy = signal · sample + noise · ε, and the model is given noisy / divisor.
 *
 * @param timestep what the model is told
 */
record Level(double timestep, double divisor, double signal, double noise) {
    /** Variance exploding (Karras et al. 2022): x = x₀ + σ·ε, scaled to unit variance for the model. */
    static Level exploding(double timestep, double sigma) {
        return new Level(timestep, Math.sqrt(sigma * sigma + 1), 1, sigma);
    }

    /** Variance preserving (Ho et al. 2020): x = √ᾱ·x₀ + √(1-ᾱ)·ε. */
    static Level preserving(double timestep, double alphaCumprod) {
        return new Level(timestep, 1, Math.sqrt(alphaCumprod), Math.sqrt(1 - alphaCumprod));
    }

    /** Variance preserving, from the sigma of the exploding form. */
    static Level preservingSigma(double timestep, double sigma) {
        double alpha = 1 / Math.sqrt(sigma * sigma + 1);
        return new Level(timestep, 1, alpha, sigma * alpha);
    }

    /** Rectified flow (Lipman et al. 2023): x = (1-σ)·x₀ + σ·ε. */
    static Level flow(double timestep, double sigma) {
        return new Level(timestep, 1, 1 - sigma, sigma);
    }

    /** Standard deviation of the noise for each of the signal, as the exploding form counts it. */
    double sigma() {
        return noise / signal;
    }

    /** The same call, with another level for noise that is added to a picture. */
    Level withNoise(double noise) {
        return new Level(timestep, divisor, signal, noise);
    }
}
