package dev.latente.nn;

/**
 * How many bytes of weights may stay in memory. Models that share it fill it in the order in which they are built; the
 * weights of layers that no longer fit are made of their source in every call. Thread-safe.
 */
public final class Room {
    private long left;

    private Room(long bytes) {
        left = bytes;
    }

    /** For all weights. */
    public static Room unlimited() {
        return new Room(Long.MAX_VALUE);
    }

    /** For so many bytes; 0 for those alone that every layer keeps: biases and what normalisations have. */
    public static Room of(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("room for weights: got [%d] bytes, wanted at least 0".formatted(bytes));
        }
        return new Room(bytes);
    }

    synchronized boolean isUnlimited() {
        return left == Long.MAX_VALUE;
    }

    synchronized boolean isLeft() {
        return left > 0;
    }

    /** Whether so many bytes still fit; if they do not, nothing does any more. */
    synchronized boolean take(long bytes) {
        boolean fits = bytes <= left;
        left = fits ? left - bytes : 0;
        return fits;
    }
}
