package dev.latente.models.controlnet;

import dev.latente.models.unet.UNetConfig;
import dev.latente.weights.Json;
import dev.latente.weights.WeightsException;
import java.util.List;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Shape of a ControlNet, from the {@code config.json} of diffusers' {@code ControlNetModel}; defaults are that class's.
 *
 * @param unet of which the way down and the middle are copied
 * @param conditioningChannels of the picture that steers
 * @param embeddingChannels of the convolutions that bring the picture to the size of the latents; each after the first halves it
 * @param bgr whether it wants blue first
 * @param globalPool whether only the mean of each channel of its output counts
 */
public record ControlNetConfig(
        UNetConfig unet, long conditioningChannels, List<Long> embeddingChannels, boolean bgr, boolean globalPool) {
    private static final JsonNode DEFAULTS = Json.parse("""
            {"conditioning_channels": 3, "conditioning_embedding_out_channels": [16, 32, 96, 256],
             "controlnet_conditioning_channel_order": "rgb", "global_pool_conditions": false}
            """);

    /** What a U-Net's configuration says and a ControlNet's does not. */
    private static final List<String> NOT_COPIED = List.of(
            "_class_name",
            "out_channels",
            "sample_size",
            "center_input_sample",
            "up_block_types",
            "time_cond_proj_dim");

    public ControlNetConfig {
        embeddingChannels = List.copyOf(embeddingChannels);
        if (embeddingChannels.isEmpty() || unet.middle() == UNetConfig.Middle.NONE) {
            throw new WeightsException(
                    "controlnet config: got %s as conditioning_embedding_out_channels and [%s] as the middle, wanted some of both"
                            .formatted(embeddingChannels, unet.middle()));
        }
    }

    /**
     * Reads a {@code config.json}.
     *
     * @throws WeightsException if it describes an architecture that this one is not
     */
    public static ControlNetConfig of(JsonNode config) {
        ObjectNode json = (ObjectNode) DEFAULTS.deepCopy();
        json.setAll((ObjectNode) config);
        String order = json.get("controlnet_conditioning_channel_order").asString();
        if (!order.equals("rgb") && !order.equals("bgr")) {
            throw new WeightsException(
                    "controlnet config: [controlnet_conditioning_channel_order] is [%s], wanted rgb or bgr"
                            .formatted(order));
        }
        return new ControlNetConfig(
                UNetConfig.of(withWayUp(json)),
                json.get("conditioning_channels").asLong(),
                json.get("conditioning_embedding_out_channels")
                        .valueStream()
                        .map(JsonNode::asLong)
                        .toList(),
                order.equals("bgr"),
                json.get("global_pool_conditions").asBoolean());
    }

    /** The {@code config.json} of a ControlNet for the U-Net with that {@code config.json}. */
    public static JsonNode forUNet(JsonNode unet) {
        ObjectNode json = (ObjectNode) DEFAULTS.deepCopy();
        json.setAll((ObjectNode) unet);
        json.remove(NOT_COPIED);
        return json.put("_class_name", "ControlNetModel");
    }

    /** Pixels of the picture for each latent, along a side. */
    public long factor() {
        return 1L << (embeddingChannels.size() - 1);
    }

    /** Completes a configuration by the mirror image of its way down, which no ControlNet has. */
    private static ObjectNode withWayUp(ObjectNode json) {
        JsonNode types = json.path("down_block_types");
        if (types.isArray()) {
            ArrayNode up = json.putArray("up_block_types");
            IntStream.range(0, types.size())
                    .mapToObj(i -> types.get(types.size() - 1 - i).asString())
                    .forEach(type -> up.add(type.replace("DownBlock", "UpBlock")));
        }
        return json;
    }
}
