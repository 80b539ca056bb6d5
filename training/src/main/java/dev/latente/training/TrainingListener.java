package dev.latente.training;

import java.util.Map;

/** Watches a run; called on its thread. */
public interface TrainingListener {
    /**
     * What one step gave. Nothing in it depends on the clock.
     *
     * @param step optimiser step, counted from 1
     * @param loss mean over the step's micro-batches
     * @param terms what the loss consists of, by name
     * @param learningRate that the step was made with
     * @param gradientNorm before clipping
     */
    record Step(long step, double loss, Map<String, Double> terms, double learningRate, double gradientNorm) {}

    /** The run begins, or goes on after {@code done} steps. */
    default void started(TrainingConfig config, long done) {}

    /** A step is done. */
    default void step(Step step) {}

    /** It is time to show what the model can do; {@code trained} is its state after that step. */
    default void sample(long step, Trainer trained) {}

    /** Something that the user should know and that does not stop the run. */
    default void warning(String message) {}

    /** All steps are done, or the run was told to stop. */
    default void finished(Trainer trained) {}
}
