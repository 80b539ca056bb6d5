package dev.latente.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JSON files beside the weights. */
public final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

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

    public static JsonNode parse(String text) {
        return MAPPER.readTree(text);
    }
}
