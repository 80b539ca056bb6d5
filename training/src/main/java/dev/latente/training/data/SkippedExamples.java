package dev.latente.training.data;

import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;

/** Collects what was left out, each example once. Thread-safe. */
public final class SkippedExamples {
    private final ConcurrentSkipListMap<String, String> reasons = new ConcurrentSkipListMap<>();

    public void add(Skipped skipped) {
        reasons.putIfAbsent(skipped.name(), skipped.reason());
    }

    public int count() {
        return reasons.size();
    }

    /** What was left out so far, by name. */
    public List<Skipped> list() {
        return reasons.entrySet().stream()
                .map(e -> new Skipped(e.getKey(), e.getValue()))
                .toList();
    }
}
