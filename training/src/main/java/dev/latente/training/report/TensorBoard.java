package dev.latente.training.report;

import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import dev.latente.tensor.Memory;
import dev.latente.training.Trainer;
import dev.latente.training.TrainingConfig;
import dev.latente.training.TrainingListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The run as TensorBoard reads it: records framed as TFRecord, each an {@code Event} of TensorFlow's event.proto and
 * summary.proto. A start of the run begins a file of its own; where steps overlap, TensorBoard takes the newer ones.
 */
public final class TensorBoard implements TrainingListener {
    private static final int CRC_MASK = 0xA282EAD8;

    private final Path folder;
    private final Speed speed;
    private @Nullable FileChannel file;

    /** Files go to {@code tensorboard/} in the folder of the run. */
    public TensorBoard(Path folder, Speed speed) {
        this.folder = folder.resolve("tensorboard");
        this.speed = speed;
    }

    @Override
    public void started(TrainingConfig config, long done) {
        long now = System.currentTimeMillis();
        // TensorBoard takes files in the order of their names.
        String name = "events.out.tfevents.%d.latente.%03d.%d"
                .formatted(now / 1000, now % 1000, ProcessHandle.current().pid());
        try {
            Files.createDirectories(folder);
            file = FileChannel.open(folder.resolve(name), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        write(event(done).text(3, "brain.Event:2"));
    }

    @Override
    public void step(Step step) {
        ProtoMessage summary = new ProtoMessage();
        scalar(summary, "loss", step.loss());
        for (Map.Entry<String, Double> term : step.terms().entrySet()) {
            scalar(summary, "terms/" + term.getKey(), term.getValue());
        }
        scalar(summary, "learning_rate", step.learningRate());
        scalar(summary, "gradient_norm", step.gradientNorm());
        scalar(summary, "speed/images_per_second", speed.imagesPerSecond());
        scalar(summary, "speed/resident_gigabytes", Memory.resident() / 1e9);
        write(event(step.step()).message(5, summary));
    }

    /** Pictures that were drawn after a step. */
    public void pictures(List<Drawn> drawn, long step) {
        ProtoMessage summary = new ProtoMessage();
        for (int i = 0; i < drawn.size(); i++) {
            Picture picture = drawn.get(i).picture();
            ProtoMessage image = new ProtoMessage()
                    .integer(1, picture.height())
                    .integer(2, picture.width())
                    .integer(3, picture.channels())
                    .bytes(4, PictureFiles.png(picture, Map.of()));
            summary.message(1, new ProtoMessage().text(1, "samples/" + (i + 1)).message(4, image));
        }
        write(event(step).message(5, summary));
    }

    @Override
    public void finished(Trainer trained) {
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ProtoMessage event(long step) {
        return new ProtoMessage().number(1, System.currentTimeMillis() / 1e3).integer(2, step);
    }

    private static void scalar(ProtoMessage summary, String tag, double value) {
        summary.message(1, new ProtoMessage().text(1, tag).number(2, (float) value));
    }

    /** A record: length, its checksum, the bytes, their checksum; little-endian. */
    private void write(ProtoMessage event) {
        if (file == null) {
            throw new IllegalStateException("tensorboard: told of a step before the run was started");
        }
        byte[] bytes = event.toBytes();
        ByteBuffer record = ByteBuffer.allocate(bytes.length + 16).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(bytes.length);
        record.putInt(checksum(record.array(), 8)).put(bytes).putInt(checksum(bytes, bytes.length));
        try {
            file.write(record.flip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** CRC-32C, turned and shifted, because a checksum of bytes that hold their own checksum says little. */
    static int checksum(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return Integer.rotateRight((int) crc.getValue(), 15) + CRC_MASK;
    }
}
