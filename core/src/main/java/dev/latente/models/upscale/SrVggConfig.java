package dev.latente.models.upscale;

import dev.latente.weights.WeightsException;
import tools.jackson.databind.JsonNode;

/**
 * Shape of an {@link SrVggNetCompact}, by the names of Real-ESRGAN's constructor.
 *
 * @param channels of the pictures
 * @param scale by which the sides grow
 * @param features of every layer
 * @param layers between the first and the last
 */
public record SrVggConfig(int channels, int scale, long features, int layers) {
    public SrVggConfig {
        if (channels < 1 || scale < 1 || features < 1 || layers < 0) {
            throw new WeightsException("upscaler config: got [%d] channels, scale [%d], [%d] features, [%d] layers"
                    .formatted(channels, scale, features, layers));
        }
    }

    /** Reads what was detected. */
    static SrVggConfig of(JsonNode config) {
        return new SrVggConfig(
                config.path("num_in_ch").asInt(),
                config.path("upscale").asInt(),
                config.path("num_feat").asLong(),
                config.path("num_conv").asInt());
    }
}
