package dev.latente.models.upscale;

import dev.latente.weights.WeightsException;
import tools.jackson.databind.JsonNode;

/**
 * Shape of an {@link RrdbNet}, by the names of Real-ESRGAN's constructor.
 *
 * @param channels of the pictures
 * @param unit side of the squares of pixels that are laid into channels before the first convolution; 1 for none
 * @param features of every layer outside of the dense blocks
 * @param blocks residual-in-residual dense blocks: 23, or 6 for anime
 * @param growth features that each layer of a dense block adds
 * @param doublings at the end; the sides grow by 2^doublings / unit
 */
public record RrdbConfig(int channels, int unit, long features, int blocks, long growth, int doublings) {
    public RrdbConfig {
        if (channels < 1 || unit < 1 || features < 1 || blocks < 1 || growth < 1 || doublings < 0) {
            throw new WeightsException(
                    "upscaler config: got [%d] channels, unit [%d], [%d] features, [%d] blocks, growth [%d], [%d] doublings"
                            .formatted(channels, unit, features, blocks, growth, doublings));
        }
        if ((1 << doublings) % unit != 0) {
            throw new WeightsException("upscaler config: sides that are doubled [%d] times are no multiple of unit [%d]"
                    .formatted(doublings, unit));
        }
    }

    /** Reads what was detected. */
    static RrdbConfig of(JsonNode config) {
        int channels = config.path("num_out_ch").asInt();
        int unit = (int) Math.round(Math.sqrt((double) config.path("num_in_ch").asInt() / Math.max(1, channels)));
        if (unit * unit * channels != config.path("num_in_ch").asInt()) {
            throw new WeightsException("upscaler config: [num_in_ch] is [%s], wanted a square times num_out_ch [%d]"
                    .formatted(config.path("num_in_ch"), channels));
        }
        return new RrdbConfig(
                channels,
                unit,
                config.path("num_feat").asLong(),
                config.path("num_block").asInt(),
                config.path("num_grow_ch").asLong(),
                config.path("num_up").asInt());
    }
}
