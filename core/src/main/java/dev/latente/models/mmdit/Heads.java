package dev.latente.models.mmdit;

/**
 * The heads of an attention.
 *
 * @param count how many; times {@code size} the size of a token
 * @param size of a query, a key and a value
 * @param qkNorm whether queries and keys are normalised head by head (Esser et al. 2024, section 5.3.2)
 */
public record Heads(long count, long size, boolean qkNorm) {
    /** Size of a token. */
    public long width() {
        return count * size;
    }
}
