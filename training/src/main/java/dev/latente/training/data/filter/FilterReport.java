package dev.latente.training.data.filter;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a filter dropped and why.
 *
 * @param kept numbers of the examples that stay
 */
public record FilterReport(List<Integer> kept, List<Dropped> dropped) {
    /** Dropped examples of each rule that are named in the text. */
    private static final int NAMED = 10;

    public FilterReport {
        kept = List.copyOf(kept);
        dropped = List.copyOf(dropped);
    }

    /**
     * An example that was left out.
     *
     * @param index its number in the dataset; -1 if it had none, being unreadable
     * @param rule that objected, or {@code unreadable}
     * @param detail what it objected to
     */
    public record Dropped(int index, String name, String rule, String detail) {}

    /** The dropped examples of each rule. */
    public Map<String, List<Dropped>> byRule() {
        return dropped.stream().collect(Collectors.groupingBy(Dropped::rule, TreeMap::new, Collectors.toList()));
    }

    public int total() {
        return kept.size() + dropped.size();
    }

    /** Counts, and every dropped example, as plain Java values. */
    public Map<String, Object> values() {
        Map<String, Object> counts = new LinkedHashMap<>();
        byRule().forEach((rule, examples) -> counts.put(rule, examples.size()));
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("total", total());
        out.put("kept", kept.size());
        out.put("dropped", counts);
        out.put(
                "examples",
                dropped.stream()
                        .map(d -> Map.of("name", d.name, "rule", d.rule, "detail", d.detail))
                        .toList());
        return out;
    }

    /** For people, with some examples of each rule. */
    public String markdown() {
        StringBuilder out = new StringBuilder("# What was left out\n\n");
        out.append("%d examples, %d kept, %d dropped.\n\n".formatted(total(), kept.size(), dropped.size()));
        out.append("| rule | dropped | share |\n|---|---:|---:|\n");
        byRule().forEach((rule, examples) -> out.append(String.format(
                Locale.ROOT, "| %s | %d | %.1f %% |\n", rule, examples.size(), 100.0 * examples.size() / total())));
        byRule().forEach((rule, examples) -> {
            out.append("\n## ").append(rule).append("\n\n");
            examples.stream()
                    .limit(NAMED)
                    .forEach(d -> out.append("* `%s`: %s\n".formatted(d.name.replace("`", "'"), d.detail)));
            if (examples.size() > NAMED) {
                out.append("* and %d more\n".formatted(examples.size() - NAMED));
            }
        });
        return out.toString();
    }
}
