package dev.latente.training.recipe;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** YAML 1.2 as a tree whose nodes know their line. */
final class Yaml {
    private Yaml() {}

    /**
     * Reads a file.
     *
     * @param overrides values by path, such as {@code optimizer.learning_rate}; each takes the place of the file's
     */
    static Section read(Path file, Map<String, String> overrides) {
        String name = String.valueOf(file.getFileName());
        MappingNode root = mapping(name, parse(name, text(file)));
        overrides.forEach((path, value) -> {
            String origin = "--set " + path;
            put(root, List.of(path.split("\\.", -1)), parse(origin, value).orElseGet(() -> nothing(origin)), origin);
        });
        return new Section(name, "", root);
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("%s: there is no such recipe".formatted(file), e);
        } catch (IOException e) {
            throw new UncheckedIOException("%s: cannot be read: %s".formatted(file, e.getMessage()), e);
        }
    }

    private static Optional<Node> parse(String origin, String text) {
        try {
            return new Compose(LoadSettings.builder().setLabel(origin).build()).composeString(text);
        } catch (MarkedYamlEngineException e) {
            throw new IllegalArgumentException(
                    "%s: is not YAML: %s".formatted(where(origin, e.getProblemMark()), e.getProblem()), e);
        } catch (YamlEngineException e) {
            throw new IllegalArgumentException("%s: is not YAML: %s".formatted(origin, e.getMessage()), e);
        }
    }

    private static MappingNode mapping(String name, Optional<Node> root) {
        if (root.orElse(null) instanceof MappingNode map) {
            return map;
        }
        throw new IllegalArgumentException("%s:1: wanted keys and values, such as train: vae".formatted(name));
    }

    private static void put(MappingNode map, List<String> path, Node value, String origin) {
        String key = path.get(0);
        if (path.size() == 1) {
            replace(map, key, value);
            return;
        }
        MappingNode next;
        if (find(map, key) instanceof MappingNode found) {
            next = found;
        } else {
            next = new MappingNode(Tag.MAP, true, new ArrayList<>(), FlowStyle.BLOCK, mark(origin), mark(origin));
            replace(map, key, next);
        }
        put(next, path.subList(1, path.size()), value, origin);
    }

    private static void replace(MappingNode map, String key, Node value) {
        List<NodeTuple> entries = new ArrayList<>(map.getValue());
        NodeTuple entry = new NodeTuple(
                new ScalarNode(Tag.STR, true, key, ScalarStyle.PLAIN, value.getStartMark(), value.getEndMark()), value);
        entries.removeIf(e -> key.equals(scalar(e.getKeyNode())));
        entries.add(entry);
        map.setValue(entries);
    }

    private static @Nullable Node find(MappingNode map, String key) {
        return map.getValue().stream()
                .filter(e -> key.equals(scalar(e.getKeyNode())))
                .map(NodeTuple::getValueNode)
                .findFirst()
                .orElse(null);
    }

    private static Node nothing(String origin) {
        return new ScalarNode(Tag.NULL, true, "", ScalarStyle.PLAIN, mark(origin), mark(origin));
    }

    private static Optional<Mark> mark(String origin) {
        return Optional.of(new Mark(origin, 0, 0, 0, new int[0], 0));
    }

    /** The text of a scalar; null for a list or a mapping. */
    static @Nullable String scalar(Node node) {
        return node instanceof ScalarNode s ? s.getValue() : null;
    }

    /** {@code recipe.yaml:12}, or the option that set the value. */
    static String where(String file, Optional<Mark> mark) {
        return mark.map(m -> m.getName().equals(file) && !file.startsWith("--")
                        ? "%s:%d".formatted(file, m.getLine() + 1)
                        : m.getName())
                .orElse(file);
    }
}
