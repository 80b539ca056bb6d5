package dev.latente.tensor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;

/** What the process holds, as the operating system and the native library count it. */
public final class Memory {
    private Memory() {}

    /** Resident memory of the process in bytes: heap, native, and what is touched of mapped files. */
    public static long resident() {
        return status("VmRSS:", Pointer::physicalBytes);
    }

    /** The most that was resident since the start or since {@link #resetPeak}, in bytes; what is now where the system does not say. */
    public static long peak() {
        return status("VmHWM:", Memory::resident);
    }

    /** A line of what Linux says about the process, in bytes. */
    private static long status(String name, LongSupplier otherwise) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith(name))
                    .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseGet(otherwise);
        } catch (IOException | UncheckedIOException e) {
            return otherwise.getAsLong();
        }
    }

    /**
     * Counts the peak from here, after what the allocator kept for later is given back, so that it is the peak of what
     * follows. Linux only.
     *
     * @return whether it is; if not, the peak goes on as that of the whole process
     */
    public static boolean resetPeak() {
        trim();
        try {
            Files.writeString(Path.of("/proc/self/clear_refs"), "5", StandardOpenOption.WRITE);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Gives what the allocator keeps for later back to the system. */
    public static void trim() {
        Pointer.trimMemory();
    }

    /** What the machine could still give to this process, in bytes. */
    public static long available() {
        return Pointer.availablePhysicalBytes();
    }

    /** Native objects that Java knows of; grows where something is never freed. */
    public static long objects() {
        return Pointer.totalCount();
    }
}
