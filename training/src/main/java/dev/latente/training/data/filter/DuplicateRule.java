package dev.latente.training.data.filter;

import dev.latente.training.data.Example;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Leaves out pictures that look like an earlier one. Hashes within distance d are equal in at least one of d+1 parts, so that
 * only those that share a part are compared.
 */
public final class DuplicateRule implements Rule {
    private static final int BITS = 64;
    /** How far the mean colours of duplicates may be apart, of 255. */
    private static final int COLOUR = 12;

    private final int distance;
    private final List<Map<Long, List<Seen>>> parts = new ArrayList<>();

    private record Seen(String name, PerceptualHash hash) {}

    /**
     * Remembers nothing yet.
     *
     * @param distance of the hashes up to which pictures are duplicates: 0 for exact copies, 4 for scaled and compressed ones
     */
    public DuplicateRule(int distance) {
        if (distance < 0 || distance > 16) {
            throw new IllegalArgumentException("duplicates: got distance [%d], wanted 0 to 16".formatted(distance));
        }
        this.distance = distance;
        for (int i = 0; i <= distance; i++) {
            parts.add(new HashMap<>());
        }
    }

    @Override
    public String name() {
        return "duplicate";
    }

    @Override
    public Optional<String> objection(Example example) {
        PerceptualHash hash = PerceptualHash.of(example.picture());
        for (int i = 0; i < parts.size(); i++) {
            for (Seen seen : parts.get(i).getOrDefault(part(hash, i), List.of())) {
                int d = hash.distance(seen.hash);
                if (d <= distance && hash.colourDistance(seen.hash) <= COLOUR) {
                    return Optional.of("looks like %s, distance %d".formatted(seen.name, d));
                }
            }
        }
        Seen seen = new Seen(example.name(), hash);
        for (int i = 0; i < parts.size(); i++) {
            parts.get(i).computeIfAbsent(part(hash, i), k -> new ArrayList<>()).add(seen);
        }
        return Optional.empty();
    }

    private long part(PerceptualHash hash, int i) {
        int from = BITS * i / parts.size();
        int to = BITS * (i + 1) / parts.size();
        return to - from == BITS ? hash.bits() : hash.bits() >>> from & ((1L << (to - from)) - 1);
    }
}
