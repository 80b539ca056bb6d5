package dev.latente.training.recipe;

/** Told how far the work before the first step is. */
@FunctionalInterface
public interface Preparation {
    Preparation NONE = (done, total) -> {};

    /** The latents of so many of all pictures are there. */
    void encoded(long done, long total);
}
