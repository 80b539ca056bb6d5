package dev.latente.tensor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;

/** What the process holds, as the operating system and the native library count it. */
public final class Memory {
    private Memory() {}

    /** Resident memory of the process in bytes, heap and native. */
    public static long resident() {
        return Pointer.physicalBytes();
    }

    /** The most that was ever resident, in bytes; what is resident now where the operating system does not say. */
    public static long peak() {
        Path status = Path.of("/proc/self/status");
        try (Stream<String> lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseGet(Memory::resident);
        } catch (IOException | UncheckedIOException e) {
            return resident();
        }
    }

    /** Native objects that Java knows of; grows where something is never freed. */
    public static long objects() {
        return Pointer.totalCount();
    }
}
