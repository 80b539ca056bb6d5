package dev.latente.weights.hub;

/** Told how far each file is; called often, from the thread that downloads. */
@FunctionalInterface
public interface Progress {
    /** Tells nobody. */
    Progress NONE = (file, done, total) -> {};

    /** {@code done} of {@code total} bytes of the file are on the disk; a total of -1 is not known. */
    void update(String file, long done, long total);
}
