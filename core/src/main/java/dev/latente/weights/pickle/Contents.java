package dev.latente.weights.pickle;

import java.util.Map;

/** An unpickled file: its top object, and where its storages lie. */
record Contents(Object root, Map<String, Region> storages) {
    /** Bytes of the file. */
    record Region(long offset, long bytes) {}
}
