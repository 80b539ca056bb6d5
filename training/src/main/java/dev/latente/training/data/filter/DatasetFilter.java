package dev.latente.training.data.filter;

import dev.latente.training.data.Dataset;
import dev.latente.training.data.Example;
import dev.latente.training.data.Prefetch;
import dev.latente.training.data.Skipped;
import dev.latente.training.data.UnreadableExampleException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks rules about every example of a dataset; the first that objects is the reason. What cannot be read is left out, too.
 *
 * @param rules asked in this order: the cheap ones first
 */
public record DatasetFilter(List<Rule> rules) {
    private static final String UNREADABLE = "unreadable";
    private static final int AHEAD = 8;
    private static final int THREADS = 2;

    public DatasetFilter {
        rules = List.copyOf(rules);
    }

    /** One of the two, or neither after the end. */
    private record Decoded(
            @Nullable Example example, @Nullable Skipped skipped) {}

    /**
     * Decodes everything once.
     *
     * @param progress told how many examples were judged
     */
    public FilterReport run(Dataset data, IntConsumer progress) {
        List<Integer> kept = new ArrayList<>();
        List<FilterReport.Dropped> dropped = new ArrayList<>();
        data.skipped().forEach(s -> dropped.add(new FilterReport.Dropped(-1, s.name(), UNREADABLE, s.reason())));
        try (Prefetch<Decoded> ahead = new Prefetch<>(i -> decode(data, i), 0, AHEAD, THREADS)) {
            for (int i = 0; i < data.size(); i++) {
                Optional<FilterReport.Dropped> objection = judge(i, ahead.at(i));
                objection.ifPresent(dropped::add);
                if (objection.isEmpty()) {
                    kept.add(i);
                }
                progress.accept(i + 1);
            }
        }
        return new FilterReport(kept, dropped);
    }

    private static Decoded decode(Dataset data, long index) {
        if (index >= data.size()) {
            return new Decoded(null, null);
        }
        try {
            return new Decoded(data.get((int) index), null);
        } catch (UnreadableExampleException e) {
            return new Decoded(null, e.skipped());
        }
    }

    private Optional<FilterReport.Dropped> judge(int index, Decoded decoded) {
        Skipped skipped = decoded.skipped;
        if (skipped != null) {
            return Optional.of(new FilterReport.Dropped(index, skipped.name(), UNREADABLE, skipped.reason()));
        }
        Example example = Objects.requireNonNull(decoded.example);
        for (Rule rule : rules) {
            Optional<String> objection = rule.objection(example);
            if (objection.isPresent()) {
                return Optional.of(new FilterReport.Dropped(index, example.name(), rule.name(), objection.get()));
            }
        }
        return Optional.empty();
    }
}
