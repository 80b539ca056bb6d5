package dev.latente.models.adapters;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How strongly pictures count in each transformer of a U-Net. Style lives in other transformers than layout: SDXL's style
 * alone is {@code up.0.1=1} (Wang et al. 2024, section 3).
 *
 * @param otherwise where no name fits
 * @param named by the name of a transformer, such as {@code up.0.1} or {@code mid}, or of all those below a name, such as
 *     {@code up.0} or {@code down}; of names that fit, the longest counts
 */
public record BlockScales(double otherwise, Map<String, Double> named) {
    public BlockScales {
        named = Map.copyOf(named);
        if (!(Math.abs(otherwise) <= 100) || named.values().stream().anyMatch(v -> !(Math.abs(v) <= 100))) {
            throw new IllegalArgumentException(
                    "picture scale: got [%s] and %s, wanted -100 to 100".formatted(otherwise, named));
        }
    }

    /** The same everywhere. */
    public static BlockScales of(double scale) {
        return new BlockScales(scale, Map.of());
    }

    /** Reads {@code 0.6}, or {@code up.0.1=1,down.2=0.5} with nothing elsewhere. */
    public static BlockScales parse(String text) {
        try {
            if (!text.contains("=")) {
                return of(Double.parseDouble(text));
            }
            Map<String, Double> named = new LinkedHashMap<>();
            for (String part : text.split(",", -1)) {
                String[] pair = part.split("=", 2);
                named.put(pair[0], Double.valueOf(pair[1]));
            }
            return new BlockScales(0, named);
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            throw new IllegalArgumentException(
                    "picture scale: got [%s], wanted a number, or blocks such as up.0.1=1,down.2=0.5".formatted(text),
                    e);
        }
    }

    /** The scale in a transformer of that name. */
    double at(String transformer) {
        String[] parts = transformer.split("\\.", -1);
        for (int n = parts.length; n > 0; n--) {
            Double scale = named.get(String.join(".", Arrays.copyOf(parts, n)));
            if (scale != null) {
                return scale;
            }
        }
        return otherwise;
    }

    /**
     * Makes sure that every name is one of these transformers or of several of them.
     *
     * @throws IllegalArgumentException if one is not
     */
    void requireAmong(List<String> transformers) {
        for (String name : named.keySet()) {
            if (transformers.stream().noneMatch(t -> (t + ".").startsWith(name + "."))) {
                throw new IllegalArgumentException("picture scale: got the block [%s], wanted one of %s"
                        .formatted(name, transformers.stream().distinct().toList()));
            }
        }
    }
}
