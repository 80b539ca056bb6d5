package dev.latente.bench;

import dev.latente.profile.Kind;
import dev.latente.profile.Phase;
import dev.latente.profile.Profile;
import dev.latente.profile.Span;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Where the time of one run of a part went.
 *
 * @param nanos of the whole run
 * @param byKind nanoseconds of each kind, {@link Kind#JVM} for what no operation took
 * @param spans all that was recorded
 */
public record Breakdown(String name, long nanos, Map<Kind, Long> byKind, Flop flop, List<Span> spans) {
    public Breakdown {
        byKind = Map.copyOf(byKind);
        spans = List.copyOf(spans);
    }

    /** Of several runs the one whose time is the median; for an even number, the faster of both. */
    static Breakdown median(Workload.Task task, int runs) {
        List<Breakdown> all = new ArrayList<>();
        for (int i = 0; i < runs; i++) {
            all.add(once(task));
        }
        all.sort(Comparator.comparingLong(Breakdown::nanos));
        return all.get((runs - 1) / 2);
    }

    private static Breakdown once(Workload.Task task) {
        try (Profile profile = Profile.start()) {
            long start = System.nanoTime();
            new Phase.Part(task.name()).run(() -> {
                Scopes.run(() -> Ops.synchronize(task.body().get()));
                return task;
            });
            long nanos = System.nanoTime() - start;
            Map<Kind, Long> byKind = new EnumMap<>(profile.nanos());
            long inside = byKind.values().stream().mapToLong(Long::longValue).sum();
            byKind.put(Kind.JVM, nanos - inside);
            return new Breakdown(task.name(), nanos, byKind, task.flop(), profile.spans());
        }
    }

    /** Seconds of a kind. */
    public double seconds(Kind kind) {
        return byKind.getOrDefault(kind, 0L) / 1e9;
    }

    /** Floating point operations of a kind. */
    public long flop(Kind kind) {
        return flop.of(kind);
    }

    /** The part of the time that a kind took, 0 to 1. */
    public double time(Kind kind) {
        return seconds(kind) / (nanos / 1e9);
    }

    /** The part of a peak, in operations each second, that a kind reached while it ran; 0 where it computes next to nothing. */
    public double share(Kind kind, double peak) {
        return flop(kind) == 0 || peak == 0 ? 0 : flop(kind) / seconds(kind) / peak;
    }

    /** As JSON has it. */
    Map<String, Object> toMap(double peak) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (Kind kind : Kind.values()) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("seconds", seconds(kind));
            row.put("time", time(kind));
            if (flop(kind) > 0) {
                row.put("flop", flop(kind));
                row.put("share", share(kind, peak));
            }
            map.put(kind.name().toLowerCase(Locale.ROOT), row);
        }
        return map;
    }
}
