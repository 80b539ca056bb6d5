package dev.latente.models.clip;

import dev.latente.nn.Activation;
import tools.jackson.databind.JsonNode;

/**
 * Shape of a CLIP vision encoder.
 *
 * @param size of a hidden state
 * @param inner size between the two linear maps of a layer
 * @param imageSize side of a picture in pixels
 * @param patchSize side of a patch in pixels
 * @param eps of the normalisations
 * @param projection size of the projected image embedding; 0 for a model without one
 */
public record ClipVisionConfig(
        long size,
        long inner,
        int layers,
        long heads,
        long channels,
        long imageSize,
        long patchSize,
        Activation activation,
        double eps,
        long projection) {

    public ClipVisionConfig {
        if (heads < 1 || size % heads != 0) {
            throw new IllegalArgumentException(
                    "CLIP vision config: hidden_size [%d] is no multiple of num_attention_heads [%d]"
                            .formatted(size, heads));
        }
        if (patchSize < 1 || imageSize < patchSize) {
            throw new IllegalArgumentException(
                    "CLIP vision config: image_size [%d] does not hold a patch of patch_size [%d]"
                            .formatted(imageSize, patchSize));
        }
    }

    /** Reads the {@code config.json} of a {@code CLIPVisionModel}, a {@code CLIPVisionModelWithProjection} or a whole CLIP. */
    public static ClipVisionConfig of(JsonNode json) {
        JsonNode vision = json.has("vision_config") ? json.get("vision_config") : json;
        boolean projected =
                json.path("architectures").path(0).asString("").matches("CLIP(VisionModelWithProjection|Model)");
        return new ClipVisionConfig(
                vision.path("hidden_size").asLong(768),
                vision.path("intermediate_size").asLong(3072),
                vision.path("num_hidden_layers").asInt(12),
                vision.path("num_attention_heads").asLong(12),
                vision.path("num_channels").asLong(3),
                vision.path("image_size").asLong(224),
                vision.path("patch_size").asLong(32),
                Activation.of(vision.path("hidden_act").asString("quick_gelu")),
                vision.path("layer_norm_eps").asDouble(1e-5),
                projected ? json.path("projection_dim").asLong(512) : 0);
    }

    /** Patches of a picture, and the class token. */
    public long positions() {
        long side = imageSize / patchSize;
        return side * side + 1;
    }
}
