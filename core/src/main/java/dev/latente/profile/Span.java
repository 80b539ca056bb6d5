package dev.latente.profile;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that took time.
 *
 * @param kind of an operation; null for a phase, which is made of operations
 * @param arguments what it worked on, such as shapes
 * @param start in nanoseconds since the profile began
 * @param thread that did it, by its number and name
 * @param outermost whether it is an operation that is no part of another one, whose time it would count twice
 */
public record Span(
        String name,
        @Nullable Kind kind,
        Map<String, Object> arguments,
        long start,
        long nanos,
        ThreadName thread,
        boolean outermost) {
    /** A thread, as traces name it. */
    public record ThreadName(long id, String name) {
        static ThreadName current() {
            Thread thread = Thread.currentThread();
            return new ThreadName(thread.getId(), thread.getName());
        }
    }

    /** The same, so many nanoseconds later, to lay profiles one after the other. */
    public Span later(long by) {
        return new Span(name, kind, arguments, start + by, nanos, thread, outermost);
    }

    /** When it was over, in nanoseconds since the profile began. */
    public long end() {
        return start + nanos;
    }
}
