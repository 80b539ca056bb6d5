package dev.latente.training;

import dev.latente.weights.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code log.jsonl}: one line for each step, and nothing that depends on the clock, so that a resumed run writes the same file. */
final class RunLog implements AutoCloseable {
    private final FileChannel file;

    /** Opens the log of a run that goes on where it was {@code length} bytes long. */
    RunLog(Path path, long length) {
        try {
            file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (file.size() < length) {
                file.close();
                throw new IllegalStateException(
                        "%s: has fewer bytes than when its checkpoint was written: [%d]".formatted(path, length));
            }
            file.truncate(length);
            file.position(length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void add(TrainingListener.Step step) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("step", step.step());
        line.put("loss", step.loss());
        line.putAll(step.terms());
        line.put("lr", step.learningRate());
        line.put("grad_norm", step.gradientNorm());
        try {
            file.write(ByteBuffer.wrap((Json.text(line) + "\n").getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How long the log is, now that all of it is on the disk. */
    long sync() {
        try {
            file.force(false);
            return file.position();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
