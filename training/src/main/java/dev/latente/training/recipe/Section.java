package dev.latente.training.recipe;

import dev.latente.weights.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Keys and values of a recipe. What is asked for is what is known: {@link #requireAllKnown} finds the rest. Every error is one
 * line that begins with the file and the line.
 */
public final class Section {
    /** Letters by which a misspelt key may differ from the one that is missing. */
    private static final int TYPO = 3;

    private final String file;
    private final String path;
    private final @Nullable Node node;
    private final Map<String, NodeTuple> entries = new LinkedHashMap<>();
    private final Set<String> known = new LinkedHashSet<>();
    private final Map<String, Section> children = new LinkedHashMap<>();

    Section(String file, String path, @Nullable Node node) {
        this.file = file;
        this.path = path;
        this.node = node;
        if (node instanceof MappingNode map) {
            for (NodeTuple entry : map.getValue()) {
                String key = String.valueOf(Yaml.scalar(entry.getKeyNode()));
                if (entries.put(key, entry) != null) {
                    throw error(entry.getKeyNode(), "%s%s occurs twice".formatted(path, key));
                }
            }
        } else if (node != null && !node.getTag().equals(Tag.NULL)) {
            throw error(node, "%s: wanted keys and values".formatted(path.replaceFirst("\\.$", "")));
        }
    }

    /** Whether the key is there with a value. */
    public boolean has(String key) {
        return value(key) != null;
    }

    /** The keys and values below a key; none if it is not there. */
    public Section section(String key) {
        Node value = value(key);
        return children.computeIfAbsent(key, k -> new Section(file, path + k + ".", value));
    }

    public String text(String key) {
        return value(key, "a text", Function.identity());
    }

    public String text(String key, String otherwise) {
        return has(key) ? text(key) : otherwise;
    }

    public Path path(String key) {
        return Path.of(text(key));
    }

    public double number(String key) {
        return value(key, "a number", Double::parseDouble);
    }

    public double number(String key, double otherwise) {
        return has(key) ? number(key) : otherwise;
    }

    public int integer(String key) {
        return value(key, "a whole number", s -> Integer.parseInt(s.replace("_", "")));
    }

    public int integer(String key, int otherwise) {
        return has(key) ? integer(key) : otherwise;
    }

    public long whole(String key, long otherwise) {
        return has(key) ? value(key, "a whole number", s -> Long.parseLong(s.replace("_", ""))) : otherwise;
    }

    public boolean flag(String key, boolean otherwise) {
        return has(key)
                ? value(key, "true or false", s -> switch (s) {
                    case "true" -> true;
                    case "false" -> false;
                    default -> throw new IllegalArgumentException(s);
                })
                : otherwise;
    }

    /** One of several names. */
    public <T> T choice(String key, Map<String, T> choices, T otherwise) {
        return has(key) ? choice(key, choices) : otherwise;
    }

    /** One of several names, which must be there. */
    public <T> T choice(String key, Map<String, T> choices) {
        String name = text(key);
        T chosen = choices.get(name);
        if (chosen == null) {
            throw error(
                    Objects.requireNonNull(value(key)),
                    "%s%s: got [%s], wanted %s".formatted(path, key, name, nearest(name, choices.keySet())));
        }
        return chosen;
    }

    /** A list of texts; a single text counts as a list of one. */
    public List<String> texts(String key) {
        Node value = value(key);
        if (!(value instanceof SequenceNode list)) {
            return value == null ? List.of() : List.of(text(key));
        }
        List<String> out = new ArrayList<>();
        for (Node each : list.getValue()) {
            String text = Yaml.scalar(each);
            if (text == null) {
                throw error(each, "%s%s: wanted a list of texts".formatted(path, key));
            }
            out.add(text);
        }
        return out;
    }

    /** A list of as many numbers as {@code otherwise} has. */
    public List<Double> numbers(String key, List<Double> otherwise) {
        Node value = value(key);
        if (value == null) {
            return otherwise;
        }
        try {
            List<Double> numbers = texts(key).stream().map(Double::parseDouble).toList();
            if (numbers.size() == otherwise.size()) {
                return numbers;
            }
        } catch (NumberFormatException e) {
            throw (IllegalArgumentException)
                    error(value, "%s%s: wanted numbers".formatted(path, key)).initCause(e);
        }
        throw error(value, "%s%s: wanted a list of [%d] numbers".formatted(path, key, otherwise.size()));
    }

    /**
     * The configuration of a model: keys and values, or the path of a JSON file.
     *
     * @param known all keys that mean something, with dots between the levels
     */
    public ObjectNode config(String key, Collection<String> known) {
        Node value = value(key);
        if (value instanceof ScalarNode) {
            return (ObjectNode) Json.read(path(key));
        }
        if (value == null) {
            throw missing(key, "keys and values, or the path of a config.json");
        }
        Section config = section(key);
        config.expect(known);
        config.requireAllKnown();
        return (ObjectNode) Json.parse(Json.text(plain(value)));
    }

    /** All of it as it is. */
    JsonNode json() {
        return Json.parse(Json.text(node == null ? Map.of() : plain(node)));
    }

    private void expect(Collection<String> keys) {
        Map<String, List<String>> below = new LinkedHashMap<>();
        for (String key : keys) {
            String[] parts = key.split("\\.", 2);
            known.add(parts[0]);
            if (parts.length == 2) {
                below.computeIfAbsent(parts[0], k -> new ArrayList<>()).add(parts[1]);
            }
        }
        below.forEach((key, more) -> section(key).expect(more));
    }

    private Object plain(Node value) {
        if (value.isRecursive()) {
            throw error(value, "%s contains itself".formatted(path));
        }
        if (value instanceof MappingNode map) {
            Map<String, Object> out = new LinkedHashMap<>();
            map.getValue().forEach(e -> out.put(String.valueOf(Yaml.scalar(e.getKeyNode())), plain(e.getValueNode())));
            return out;
        }
        if (value instanceof SequenceNode list) {
            return list.getValue().stream().map(this::plain).toList();
        }
        String text = String.valueOf(Yaml.scalar(value));
        if (value.getTag().equals(Tag.NULL)) {
            return Json.parse("null");
        }
        boolean bare = Set.of(Tag.INT, Tag.FLOAT, Tag.BOOL).contains(value.getTag());
        return Json.parse(bare ? text : Json.text(text));
    }

    /** Runs what checks values of this section; what it complains of gets this section's line. */
    public <T> T checked(Supplier<T> make) {
        try {
            return make.get();
        } catch (IllegalArgumentException e) {
            throw (IllegalArgumentException)
                    error(node, String.valueOf(e.getMessage())).initCause(e);
        }
    }

    /** An error about the value of a key, or about all of them for an empty one, with its line. */
    public IllegalArgumentException error(String key, String message) {
        NodeTuple entry = entries.get(key);
        String name = (path + key).replaceFirst("\\.$", "");
        return error(entry == null ? node : entry.getKeyNode(), name + ": " + message);
    }

    /**
     * Complains of the first key, here or below, that nobody asked for.
     *
     * @throws IllegalArgumentException that names the nearest of those that mean something
     */
    public void requireAllKnown() {
        for (Map.Entry<String, NodeTuple> entry : entries.entrySet()) {
            if (!known.contains(entry.getKey())) {
                throw unknown(entry.getKey(), known);
            }
        }
        children.values().forEach(Section::requireAllKnown);
    }

    private <T> T value(String key, String wanted, Function<String, T> read) {
        Node value = value(key);
        if (value == null) {
            throw missing(key, wanted);
        }
        String text = Yaml.scalar(value);
        try {
            if (text != null) {
                return read.apply(text);
            }
        } catch (IllegalArgumentException e) {
            throw (IllegalArgumentException)
                    error(value, "%s%s: got [%s], wanted %s".formatted(path, key, text, wanted))
                            .initCause(e);
        }
        throw error(value, "%s%s: got a list or keys, wanted %s".formatted(path, key, wanted));
    }

    private @Nullable Node value(String key) {
        known.add(key);
        NodeTuple entry = entries.get(key);
        return entry == null || entry.getValueNode().getTag().equals(Tag.NULL) ? null : entry.getValueNode();
    }

    /** What is missing may be there under a misspelt name. */
    private IllegalArgumentException missing(String key, String wanted) {
        return entries.keySet().stream()
                .filter(k -> !known.contains(k) && distance(k, key) <= TYPO)
                .findFirst()
                .map(k -> unknown(k, List.of(key)))
                .orElseGet(() -> error(node, "%s%s is missing: wanted %s".formatted(path, key, wanted)));
    }

    private IllegalArgumentException unknown(String key, Collection<String> candidates) {
        return error(
                Objects.requireNonNull(entries.get(key)).getKeyNode(),
                "%s%s is not known: use %s".formatted(path, key, nearest(key, candidates)));
    }

    private IllegalArgumentException error(@Nullable Node at, String message) {
        String where = at == null ? file : Yaml.where(file, at.getStartMark());
        return new IllegalArgumentException(where + ": " + message);
    }

    private static String nearest(String name, Collection<String> candidates) {
        return String.join(
                ", ",
                candidates.stream()
                        .sorted(Comparator.comparingInt(c -> distance(name, c)))
                        .toList());
    }

    /** Letters to insert, leave out or exchange (Levenshtein 1966). */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int exchanged = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(exchanged, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
