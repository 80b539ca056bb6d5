package dev.latente.diffusion;

/** A noise schedule with a sampler; {@link Schedulers#of} makes one from its configuration. Immutable and thread-safe. */
@FunctionalInterface
public interface Scheduler {
    /** Plans a run. */
    Trajectory trajectory(Steps steps);
}
