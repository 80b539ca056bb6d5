package dev.latente.weights;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * A file that appears under its name complete or not at all: it is written beside its target, forced to the disk and then
 * renamed. Closing one that was not published deletes it.
 */
final class StagedFile implements AutoCloseable {
    private final Path target;
    private final Path temporary;
    private final FileChannel channel;

    StagedFile(Path target) throws IOException {
        this.target = target;
        this.temporary = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
        this.channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    FileChannel channel() {
        return channel;
    }

    Path target() {
        return target;
    }

    /** Makes the content durable; the file still has its temporary name. */
    void finish() throws IOException {
        channel.force(true);
        channel.close();
    }

    /** Gives a finished file its name. */
    void publish() throws IOException {
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Path folder = target.toAbsolutePath().resolveSibling("");
        try (FileChannel entry = FileChannel.open(folder)) {
            entry.force(true);
        } catch (IOException e) {
            // Some systems, such as Windows, do not open folders; the file is published all the same.
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(temporary);
    }
}
