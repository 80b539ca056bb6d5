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

/** Shapes of published checkpoints, as their configurations give them; the tiny ones draw in milliseconds. */
public enum Architecture {
    SD15,
    SD21,
    SDXL,
    SD3,
    SD35_MEDIUM,
    TINY,
    TINY_SD3;

    /** As people type it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The configurations of this shape. */
    public UntrainedCheckpoint checkpoint() {
        String name = this + ".json";
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
