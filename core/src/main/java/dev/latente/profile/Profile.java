package dev.latente.profile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What every thread does between {@link #start} and {@link #close}. There is one at a time; without one, an operation pays
 * for reading a field. Thread-safe.
 */
public final class Profile implements AutoCloseable {
    private static volatile @Nullable Profile active;

    private final long began = System.nanoTime();
    private final Queue<Span> spans = new ConcurrentLinkedQueue<>();
    private final ThreadLocal<int[]> depth = ThreadLocal.withInitial(() -> new int[1]);

    private Profile() {}

    /**
     * Begins to record.
     *
     * @throws IllegalStateException if another profile does
     */
    public static synchronized Profile start() {
        if (active != null) {
            throw new IllegalStateException("profile: another one is recording: close it first");
        }
        Profile profile = new Profile();
        active = profile;
        return profile;
    }

    /** Whether operations are recorded, for what is worth knowing only then. */
    public static boolean isOn() {
        return active != null;
    }

    /**
     * Runs an operation.
     *
     * @param name of it; {@link Kind#of} knows its kind
     * @param shapes of what it works on, asked for only if they are recorded
     */
    public static <T> T operation(String name, Supplier<String> shapes, Supplier<T> body) {
        Profile profile = active;
        return profile == null ? body.get() : profile.record(name, shapes.get(), body);
    }

    /** Runs a phase, which operations and other phases are parts of. */
    static <T> T phase(String name, Map<String, Object> arguments, Supplier<T> body) {
        Profile profile = active;
        if (profile == null) {
            return body.get();
        }
        long start = System.nanoTime();
        try {
            return body.get();
        } finally {
            profile.add(name, null, arguments, start, false);
        }
    }

    private <T> T record(String name, String shapes, Supplier<T> body) {
        int[] inside = depth.get();
        long start = System.nanoTime();
        inside[0]++;
        try {
            return body.get();
        } finally {
            inside[0]--;
            add(name, Kind.of(name), Map.of("shapes", shapes), start, inside[0] == 0);
        }
    }

    private void add(String name, @Nullable Kind kind, Map<String, Object> arguments, long start, boolean outermost) {
        long nanos = System.nanoTime() - start;
        spans.add(new Span(name, kind, arguments, start - began, nanos, Span.ThreadName.current(), outermost));
    }

    /** What has ended so far: by thread, in the order in which it began, what contains before what is contained. */
    public List<Span> spans() {
        List<Span> sorted = new ArrayList<>(spans);
        sorted.sort(Comparator.comparingLong((Span s) -> s.thread().id())
                .thenComparingLong(Span::start)
                .thenComparing(Comparator.comparingLong(Span::nanos).reversed()));
        return sorted;
    }

    /** The nanoseconds of all operations by their kind; one inside another counts as the outer one. */
    public Map<Kind, Long> nanos() {
        Map<Kind, Long> sums = new EnumMap<>(Kind.class);
        for (Span span : spans) {
            if (span.outermost() && span.kind() != null) {
                sums.merge(span.kind(), span.nanos(), Long::sum);
            }
        }
        return sums;
    }

    /** Ends it; what is still running then is not recorded any more when it ends. */
    @Override
    public void close() {
        stop(this);
    }

    private static synchronized void stop(Profile profile) {
        if (active == profile) {
            active = null;
        }
    }
}
