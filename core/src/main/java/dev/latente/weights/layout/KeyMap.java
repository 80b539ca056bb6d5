package dev.latente.weights.layout;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Two names for every weight: that of another layout and the canonical one, which is diffusers' or transformers'. A list of
 * rules on prefixes, of which the longest that fits counts; what follows the prefix stays.
 */
final class KeyMap {
    /**
     * What a name becomes.
     *
     * @param stored name in the other layout
     * @param canonical names; several where the stored weight is fused
     */
    record Place(String stored, List<String> canonical, Shaping shaping) {}

    private final Map<String, Place> byStored = new HashMap<>();
    private final Map<String, Place> byCanonical = new HashMap<>();

    /** Names below the one module are those below the other. */
    KeyMap module(String stored, String canonical) {
        return prefix(stored + ".", canonical + ".", Shaping.COPY);
    }

    KeyMap prefix(String stored, String canonical, Shaping shaping) {
        return rule(new Place(stored, List.of(canonical), shaping));
    }

    KeyMap rule(Place place) {
        byStored.putIfAbsent(place.stored, place);
        place.canonical.forEach(c -> byCanonical.putIfAbsent(c, place));
        return this;
    }

    /** Several modules below a pair of modules, as lines of two names. */
    KeyMap modules(String stored, String canonical, String table) {
        table.lines()
                .map(line -> line.split(" +"))
                .forEach(pair -> module(stored + "." + pair[0], canonical + "." + pair[1]));
        return this;
    }

    /** A name that some files use; it is read and never written. */
    KeyMap alias(String stored, String canonical, Shaping shaping) {
        byStored.putIfAbsent(stored, new Place(stored, List.of(canonical), shaping));
        return this;
    }

    /** Where the weight of that stored name belongs; null if there is no such weight. */
    @Nullable
    Place ofStored(String name) {
        return find(byStored, name);
    }

    /** Where the weight of that canonical name is stored; null if it has no place in this layout. */
    @Nullable
    Place ofCanonical(String name) {
        return find(byCanonical, name);
    }

    private static @Nullable Place find(Map<String, Place> rules, String name) {
        for (int end = name.length(); end >= 0; end--) {
            Place rule = rules.get(name.substring(0, end));
            if (rule != null) {
                String rest = name.substring(end);
                return new Place(
                        rule.stored + rest,
                        rule.canonical.stream().map(c -> c + rest).toList(),
                        rule.shaping);
            }
        }
        return null;
    }
}
