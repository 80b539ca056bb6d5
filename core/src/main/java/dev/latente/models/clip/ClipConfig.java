package dev.latente.models.clip;

import tools.jackson.databind.JsonNode;

/** Shape of a whole CLIP: two towers that project into one space. */
public record ClipConfig(ClipTextConfig text, ClipVisionConfig vision) {
    public ClipConfig {
        if (text.projection() < 1 || text.projection() != vision.projection()) {
            throw new IllegalArgumentException(
                    "CLIP config: the projections of text [%d] and vision [%d] are not of one positive size"
                            .formatted(text.projection(), vision.projection()));
        }
    }

    /** Reads the {@code config.json} of a {@code CLIPModel}. */
    public static ClipConfig of(JsonNode json) {
        return new ClipConfig(ClipTextConfig.of(json), ClipVisionConfig.of(json));
    }
}
