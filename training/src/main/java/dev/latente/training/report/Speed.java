package dev.latente.training.report;

import dev.latente.tensor.Memory;
import dev.latente.training.TrainingConfig;
import dev.latente.training.TrainingListener;
import dev.latente.weights.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * How fast a run goes. Writes {@code speed.jsonl}, to which each start of the run appends, with a line every ten seconds; the
 * run's log has nothing that depends on the clock. Stands before the listeners that it is given to.
 */
public final class Speed implements TrainingListener {
    private static final double SECONDS_BETWEEN_LINES = 10;
    private static final int WINDOW = 50;

    private final Path file;
    private final int images;
    private final LongSupplier clock;
    private final Deque<Long> recent = new ArrayDeque<>();
    private long first;
    private long done;
    private long steps;
    private long begun;
    private long last;
    private long written;

    /**
     * For a run in a folder.
     *
     * @param images that a step learns from, over all of its micro-batches
     */
    public Speed(Path folder, int images) {
        this(folder, images, System::nanoTime);
    }

    Speed(Path folder, int images, LongSupplier clock) {
        file = folder.resolve("speed.jsonl");
        this.images = images;
        this.clock = clock;
    }

    @Override
    public void started(TrainingConfig config, long before) {
        steps = config.steps();
        first = before;
        done = before;
        begun = clock.getAsLong();
        last = begun;
        written = begun;
        recent.clear();
    }

    @Override
    public void step(Step step) {
        long now = clock.getAsLong();
        recent.addLast(now - last);
        if (recent.size() > WINDOW) {
            recent.removeFirst();
        }
        last = now;
        done = step.step();
        if ((now - written) / 1e9 >= SECONDS_BETWEEN_LINES || done == steps) {
            write();
            written = now;
        }
    }

    /** How far the run is, 0 to 1. */
    public double share() {
        return steps == 0 ? 0 : (double) done / steps;
    }

    public long done() {
        return done;
    }

    public long steps() {
        return steps;
    }

    /** Of the last steps, the one in the middle; so a step that a checkpoint or samples stood before does not count. */
    public double imagesPerSecond() {
        if (recent.isEmpty()) {
            return 0;
        }
        long[] sorted = recent.stream().mapToLong(Long::longValue).sorted().toArray();
        return images * 1e9 / Math.max(1, sorted[sorted.length / 2]);
    }

    /** Seconds since this start of the run. */
    public double seconds() {
        return (last - begun) / 1e9;
    }

    /** Seconds to the end, if the rest goes as what is done, checkpoints and samples included. */
    public double secondsLeft() {
        return done == first ? 0 : seconds() / (done - first) * (steps - done);
    }

    /** Hours, minutes and seconds. */
    static String clock(double seconds) {
        long s = Math.round(seconds);
        return "%d:%02d:%02d".formatted(s / 3600, s / 60 % 60, s % 60);
    }

    private void write() {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("step", done);
        line.put("seconds", Math.round(seconds() * 1e3) / 1e3);
        line.put("images_per_second", Math.round(imagesPerSecond() * 1e3) / 1e3);
        line.put("rss", Memory.resident());
        try {
            Files.writeString(file, Json.text(line) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
