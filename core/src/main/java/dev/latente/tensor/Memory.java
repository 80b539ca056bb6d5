package dev.latente.tensor;

import org.bytedeco.javacpp.Pointer;

/** What the process holds, as the operating system and the native library count it. */
public final class Memory {
    private Memory() {}

    /** Resident memory of the process in bytes, heap and native. */
    public static long resident() {
        return Pointer.physicalBytes();
    }

    /** Native objects that Java knows of; grows where something is never freed. */
    public static long objects() {
        return Pointer.totalCount();
    }
}
