package dev.latente.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Strings with a number each, followed character by character from the root, node 0. */
final class Trie {
    static final int NONE = -1;

    private final Map<Long, Integer> edges = new HashMap<>();
    private final List<Integer> values = new ArrayList<>(List.of(NONE));

    /** Keeps the first value of a key. */
    void put(String key, int value) {
        int node = 0;
        for (int i = 0; i < key.length(); i++) {
            int parent = node;
            node = edges.computeIfAbsent(edge(parent, key.charAt(i)), e -> {
                values.add(NONE);
                return values.size() - 1;
            });
        }
        if (values.get(node) == NONE) {
            values.set(node, value);
        }
    }

    /** The child of a node, or {@link #NONE}. */
    int next(int node, char c) {
        return edges.getOrDefault(edge(node, c), NONE);
    }

    /** The value of the key that ends in a node, or {@link #NONE}. */
    int value(int node) {
        return values.get(node);
    }

    private static long edge(int node, char c) {
        return (long) node << Character.SIZE | c;
    }
}
