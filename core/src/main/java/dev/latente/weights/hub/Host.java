package dev.latente.weights.hub;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/** What a download asks of the machine; tests put it on a machine that is full, has no links, or does not wait. */
record Host(Appending appending, Linking linking, FreeSpace freeSpace, Waiting waiting) {
    static final Host REAL = new Host(
            file -> Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND),
            Files::createSymbolicLink,
            folder -> Files.getFileStore(folder).getUsableSpace(),
            duration -> Thread.sleep(duration.toMillis()));

    /** Opens a file to write at its end. */
    interface Appending {
        OutputStream open(Path file) throws IOException;
    }

    /** Makes a symbolic link. */
    interface Linking {
        Path link(Path link, Path target) throws IOException;
    }

    /** Bytes that this user can still write in an existing folder. */
    interface FreeSpace {
        long bytes(Path folder) throws IOException;
    }

    /** Lets time pass. */
    interface Waiting {
        void sleep(Duration duration) throws InterruptedException;
    }
}
