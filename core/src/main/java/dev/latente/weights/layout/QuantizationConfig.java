package dev.latente.weights.layout;

import dev.latente.weights.Json;
import dev.latente.weights.Quantized;
import dev.latente.weights.compression.Layers;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What {@code config.json} of a model says about its quantised weights, in the terms of compressed-tensors. Nothing here is
 * needed to read the file; libraries that cannot read it refuse it by this, or warn.
 */
final class QuantizationConfig {
    private static final String KEY = "quantization_config";

    private final TreeSet<Integer> bits = new TreeSet<>();
    private final TreeSet<String> kept = new TreeSet<>();

    /** Takes note of a weight that is written as whole numbers, or of one that is not. */
    void add(String name, List<Long> shape, @Nullable Quantized weight) {
        if (weight != null) {
            bits.add(weight.bits());
        } else if (Layers.has(name, shape)) {
            kept.add(Layers.module(name));
        }
    }

    /** The configuration with what is said here, or without where nothing is quantised. */
    JsonNode in(JsonNode config) {
        ObjectNode copy = ((ObjectNode) config).deepCopy();
        copy.remove(KEY);
        if (!bits.isEmpty()) {
            copy.set(KEY, Json.parse(Json.text(values())));
        }
        return copy;
    }

    private Map<String, Object> values() {
        Map<String, Object> weights = new LinkedHashMap<>();
        weights.put("num_bits", bits.first());
        weights.put("type", "int");
        weights.put("symmetric", true);
        weights.put("strategy", "channel");
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("quant_method", "latente");
        values.put("weights", weights);
        values.put("ignore", kept);
        return values;
    }
}
