package dev.latente.training.report;

import dev.latente.tensor.Memory;
import dev.latente.training.TrainingListener;
import java.util.Locale;
import java.util.function.ObjDoubleConsumer;

/** A line that says how a run goes: step, loss, learning rate, pictures per second, memory, time left. */
public final class ProgressLine implements TrainingListener {
    private static final int LOSSES = 50;

    private final Speed speed;
    private final ObjDoubleConsumer<String> bar;
    private final Smoothed loss = new Smoothed(LOSSES);

    /**
     * Told after each step.
     *
     * @param bar given the line and how much of the run is done, 0 to 1; draws it as often as it likes
     */
    public ProgressLine(Speed speed, ObjDoubleConsumer<String> bar) {
        this.speed = speed;
        this.bar = bar;
    }

    @Override
    public void step(Step step) {
        String line = String.format(
                Locale.ROOT,
                "%d/%d  loss %.4f  lr %.2e  %.1f img/s  %.1f GB  eta %s",
                step.step(),
                speed.steps(),
                loss.add(step.loss()),
                step.learningRate(),
                speed.imagesPerSecond(),
                Memory.resident() / 1e9,
                Speed.clock(speed.secondsLeft()));
        bar.accept(line, speed.share());
    }
}
