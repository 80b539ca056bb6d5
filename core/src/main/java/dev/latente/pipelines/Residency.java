package dev.latente.pipelines;

import dev.latente.nn.Room;

/**
 * Where weights are between two calls of the layers that they belong to. A layer whose weight is not kept makes it for each
 * call, of what the file has: in the dtype of the run, as the kernels read it, with LoRAs merged. Results are the same.
 *
 * @param kept bytes of weights that stay in memory, ready. Text encoders, U-Net and autoencoder make way for each other; each
 *     keeps those of its first layers. What is loaded beside a checkpoint keeps as many of its own. What has no matrix, such as biases, stays in any case
 * @param streamed whether the others are read from the file each time; if not, the file is mapped, and what it holds of them
 *     stays in memory as it is stored, be it in 16, 8 or 4 bits, as long as the system has room for it
 */
public record Residency(long kept, boolean streamed) {
    /** All weights stay in memory, ready. */
    public static final Residency ALL = new Residency(Long.MAX_VALUE, false);

    public Residency {
        if (kept < 0) {
            throw new IllegalArgumentException("weights to keep: got [%d] bytes, wanted at least 0".formatted(kept));
        }
    }

    /** Weights stay as they are stored, but for so many bytes of them that stay ready. */
    public static Residency stored(long kept) {
        return new Residency(kept, false);
    }

    /** Weights are read when they are needed, but for so many bytes of them that stay ready. */
    public static Residency streamed(long kept) {
        return new Residency(kept, true);
    }

    /** Whether all weights stay. */
    boolean isAll() {
        return kept == Long.MAX_VALUE;
    }

    Room room() {
        return isAll() ? Room.unlimited() : Room.of(kept);
    }
}
