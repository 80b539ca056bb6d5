package dev.latente.training;

import dev.latente.tensor.Rng;

/**
 * One micro-batch of a run. Randomness comes from its numbers, not from a generator's state, so nothing about it has to be
 * saved.
 *
 * @param seed of the run
 * @param step optimiser step, counted from 0
 * @param part micro-batch of the step, counted from 0
 * @param parts micro-batches of each step
 */
public record Turn(long seed, long step, int part, int parts) {
    /** Number of the micro-batch since the run began. */
    public long index() {
        return step * parts + part;
    }

    /** A generator that nothing else of this run uses; name what it is for, such as {@code noise}. */
    public Rng rng(String purpose) {
        return new Rng(seed(purpose));
    }

    /** The seed of {@link #rng}, for generators of another kind. */
    public long seed(String purpose) {
        return mix(mix(mix(seed) + index()) + purpose.hashCode());
    }

    /** The finaliser of SplitMix64 (Steele et al. 2014). */
    private static long mix(long x) {
        long z = x + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
