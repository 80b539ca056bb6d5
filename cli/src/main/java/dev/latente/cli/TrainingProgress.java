package dev.latente.cli;

import dev.latente.training.TrainingConfig;
import dev.latente.training.TrainingListener;

/** Shows how far a run of training is. */
final class TrainingProgress implements TrainingListener {
    private final long steps;
    private final Console console;
    private final long start = System.nanoTime();
    private long before;

    TrainingProgress(long steps, Console console) {
        this.steps = steps;
        this.console = console;
    }

    @Override
    public void started(TrainingConfig config, long done) {
        before = done;
    }

    @Override
    public void step(Step step) {
        console.training(step, steps, (System.nanoTime() - start) / 1e9 / (step.step() - before));
    }

    @Override
    public void warning(String message) {
        console.say(message);
    }
}
