package dev.latente.training.data;

/**
 * Random numbers that are a function of what they are for: the same key gives the same numbers in every run, on every
 * thread, in any order. SplitMix64 (Steele, Lea, Flood 2014) over a key that is mixed from its parts. Not thread-safe.
 */
final class CounterRandom {
    private static final long GAMMA = 0x9E3779B97F4A7C15L;

    private long state;

    CounterRandom(long... key) {
        state = mix(key);
    }

    /** A 64-bit hash of the numbers. */
    static long mix(long... key) {
        long hash = key.length;
        for (long part : key) {
            hash = finish(hash * GAMMA + finish(part + GAMMA));
        }
        return hash;
    }

    long next() {
        state += GAMMA;
        return finish(state);
    }

    /** An integer of [0, bound). */
    int below(int bound) {
        return (int) Math.multiplyHigh(next() >>> 1, 2L * bound);
    }

    /** A number of [0, 1). */
    double uniform() {
        return (next() >>> 11) * 0x1p-53;
    }

    private static long finish(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
