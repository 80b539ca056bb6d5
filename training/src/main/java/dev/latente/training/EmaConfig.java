package dev.latente.training;

/**
 * How fast an {@linkplain Ema average of weights} follows them.
 *
 * @param decay the largest decay
 * @param minDecay the smallest one
 * @param updateAfterStep steps during which the average is the weights
 * @param warmup whether the decay rises as 1 - (1 + step/invGamma)^-power, and not as (1 + step)/(10 + step)
 */
public record EmaConfig(
        double decay, double minDecay, long updateAfterStep, boolean warmup, double invGamma, double power) {
    public static final EmaConfig DEFAULT = new EmaConfig(0.9999, 0, 0, false, 1, 2.0 / 3);

    public EmaConfig withDecay(double newDecay) {
        return new EmaConfig(newDecay, minDecay, updateAfterStep, warmup, invGamma, power);
    }

    /** The decay of an optimiser step, counted from 1. */
    public double at(long optimizationStep) {
        long step = Math.max(0, optimizationStep - updateAfterStep - 1);
        if (step <= 0) {
            return 0;
        }
        double rising = warmup ? 1 - Math.pow(1 + step / invGamma, -power) : (1.0 + step) / (10.0 + step);
        return Math.max(Math.min(rising, decay), minDecay);
    }
}
