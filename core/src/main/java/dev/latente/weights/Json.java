package dev.latente.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JSON files beside the weights. */
public final class Json {
    // Python writes infinities into scheduler_config.json.
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private Json() {}

    /**
     * Reads a file.
     *
     * @throws WeightsException if it is not there or is not JSON
     */
    public static JsonNode read(Path file) {
        try {
            return MAPPER.readTree(Files.readAllBytes(file));
        } catch (JacksonException e) {
            throw new WeightsException(file, null, "is not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new WeightsException(file, null, "cannot be read: " + e.getMessage(), e);
        }
    }

    /** The members of an object as plain Java values: strings, numbers, booleans, lists, maps; empty for anything else. */
    public static Map<String, Object> members(JsonNode object) {
        Map<String, Object> members = new LinkedHashMap<>();
        object.forEachEntry((name, value) -> members.put(name, MAPPER.convertValue(value, Object.class)));
        return members;
    }

    /** A map, list or number as JSON. */
    public static String text(Object value) {
        return MAPPER.writeValueAsString(value);
    }

    public static JsonNode parse(String text) {
        return MAPPER.readTree(text);
    }
}
