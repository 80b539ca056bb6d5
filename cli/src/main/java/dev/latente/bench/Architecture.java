package dev.latente.bench;

import dev.latente.pipelines.UntrainedCheckpoint;
import dev.latente.weights.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.JsonNode;

/** Shapes of published checkpoints, as their configurations give them; {@code TINY} draws in milliseconds. */
public enum Architecture {
    SD15,
    SD21,
    SDXL,
    TINY;

    /** The configurations of this shape. */
    public UntrainedCheckpoint checkpoint() {
        String name = name().toLowerCase(Locale.ROOT) + ".json";
        try (InputStream in = Objects.requireNonNull(Architecture.class.getResourceAsStream(name), name)) {
            Map<String, JsonNode> parts = new LinkedHashMap<>();
            Json.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .properties()
                    .forEach(e -> parts.put(e.getKey(), e.getValue()));
            JsonNode scheduler = Objects.requireNonNull(parts.remove("scheduler"), name);
            return new UntrainedCheckpoint(parts, scheduler);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
