package dev.latente.training.data.filter;

import dev.latente.training.data.Example;
import java.util.Optional;

/** A reason to leave examples out. Sees them one after the other, in the dataset's order. */
public interface Rule extends AutoCloseable {
    /** What the report calls it. */
    String name();

    /** Why the example is left out; empty if it may stay. */
    Optional<String> objection(Example example);

    @Override
    default void close() {}
}
