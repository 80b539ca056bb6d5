package dev.latente.training.data;

/**
 * Random permutations without a list: a Feistel network over the next power of four, walked until the value is in range
 * (Black and Rogaway 2002, "Ciphers with Arbitrary Finite Domains", section 3).
 */
final class Shuffle {
    private static final int ROUNDS = 8;
    /** Half of the bits of the smallest domain: a smaller one has too few networks. */
    private static final int MIN_HALF = 4;

    private Shuffle() {}

    /** Which of 0 to n-1 comes at that position of the permutation that belongs to the key. */
    static int at(long key, int n, int position) {
        int half = Math.max(MIN_HALF, (33 - Integer.numberOfLeadingZeros(n - 1)) / 2);
        long value = position;
        do {
            value = encrypt(key, half, value);
        } while (value >= n);
        return (int) value;
    }

    private static long encrypt(long key, int half, long value) {
        long mask = (1L << half) - 1;
        long left = value >>> half;
        long right = value & mask;
        for (int round = 0; round < ROUNDS; round++) {
            long next = left ^ (CounterRandom.mix(key, round, right) & mask);
            left = right;
            right = next;
        }
        return left << half | right;
    }
}
