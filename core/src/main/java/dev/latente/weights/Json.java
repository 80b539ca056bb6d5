package dev.latente.weights;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JSON files beside the weights. A name may not occur twice in an object. */
public final class Json {
    private static final long MAX_BYTES = 100_000_000;

    private static final JsonMapper MAPPER = JsonMapper.builder()
            // Python writes infinities, as in the scheduler_config.json of DPM-Solver.
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            // Python writes infinities into scheduler_config.json.
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            // Published scheduler configurations have -Infinity.
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private Json() {}

    /**
     * Reads a file.
     *
     * @throws WeightsException if it is not there or is not JSON
     */
    public static JsonNode read(Path file) {
        MappedFile content = MappedFile.of(file);
        if (content.size() > MAX_BYTES) {
            throw new WeightsException(
                    file, null, "has %d bytes, the most for JSON is %d".formatted(content.size(), MAX_BYTES));
        }
        try (InputStream in = content.stream(0, content.size())) {
            return MAPPER.readTree(in.readAllBytes());
        } catch (JacksonException e) {
            throw new WeightsException(file, null, "is not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw MappedFile.unreadable(file, e);
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

    /**
     * Writes a file, with line breaks.
     *
     * @throws WeightsException if it cannot be written
     */
    public static void write(Path file, JsonNode json) {
        try {
            Files.writeString(file, json.toPrettyString() + "\n");
        } catch (IOException e) {
            throw new WeightsException(file, null, "cannot be written: " + e.getMessage(), e);
        }
    }

    public static JsonNode parse(String text) {
        return MAPPER.readTree(text);
    }
}
