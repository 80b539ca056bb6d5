package dev.latente.training.recipe;

/** Told how a run goes, for people. */
public interface RunWatcher {
    /** Before the first step: the latents of so many of all pictures are there. */
    default void encoded(long done, long total) {}

    /** Before the first step: so many bytes of a file are here. */
    default void downloaded(String file, long done, long total) {}

    /** Before the first step: so many of all pictures of a subject's class are drawn. */
    default void drawn(long done, long total) {}

    /**
     * After each step.
     *
     * @param line step, loss, speed, time left
     * @param share of the run that is done, 0 to 1
     */
    default void progress(String line, double share) {}

    /** Something that the user should know and that does not stop the run. */
    default void warning(String message) {}
}
