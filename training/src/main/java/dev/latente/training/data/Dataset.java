package dev.latente.training.data;

import dev.latente.pipelines.Size;
import java.util.List;

/**
 * What a trainer learns from: examples by number, decoded when asked for. The numbers mean the same examples in every run.
 * Thread-safe.
 */
public interface Dataset extends AutoCloseable {
    /** Number of examples. */
    int size();

    /** Name of an example, such as its file. */
    String name(int index);

    /**
     * Size of an example's picture, from the head of the file where there is one.
     *
     * @throws UnreadableExampleException if it cannot be told
     */
    Size pictureSize(int index);

    /**
     * Decodes an example.
     *
     * @throws UnreadableExampleException if its picture is corrupt or not there
     */
    Example get(int index);

    /** What was already found unreadable when the dataset was opened, and so has no number. */
    default List<Skipped> skipped() {
        return List.of();
    }

    @Override
    default void close() {}
}
