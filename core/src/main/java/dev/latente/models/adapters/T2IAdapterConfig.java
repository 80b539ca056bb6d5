package dev.latente.models.adapters;

import dev.latente.weights.Json;
import dev.latente.weights.WeightsException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Shape of a T2I-Adapter, from the {@code config.json} of diffusers' {@code T2IAdapter}; defaults are that class's.
 *
 * @param inChannels of the picture: 3, or 1 for a gray one
 * @param channels of the features of each block
 * @param resBlocks residual blocks in each block
 * @param factor pixels of the picture for each position of the first feature, along a side
 */
public record T2IAdapterConfig(Type type, long inChannels, List<Long> channels, int resBlocks, long factor) {
    private static final JsonNode DEFAULTS = Json.parse("""
            {"adapter_type": "full_adapter", "in_channels": 3, "channels": [320, 640, 1280, 1280], "num_res_blocks": 2,
             "downscale_factor": 8}
            """);

    /** How the blocks are made. */
    public enum Type {
        /** Every block but the first halves its input. */
        FULL,
        /** Only the third block does, as SDXL's features want it. */
        FULL_XL,
        /** Thin blocks, and one more that halves, too. */
        LIGHT
    }

    /**
     * A block.
     *
     * @param halves whether it begins with the mean of 2x2 positions
     */
    public record Block(long in, long out, boolean halves) {}

    public T2IAdapterConfig {
        channels = List.copyOf(channels);
        require(inChannels == 1 || inChannels == 3, "in_channels", inChannels, "1 or 3");
        require(
                !channels.isEmpty() && channels.stream().allMatch(c -> c > 0),
                "channels",
                channels,
                "positive numbers");
        require(resBlocks >= 1, "num_res_blocks", resBlocks, "a positive number");
        require(factor >= 1 && factor <= 256, "downscale_factor", factor, "1 to 256");
    }

    /**
     * Reads a {@code config.json}.
     *
     * @throws WeightsException if it describes an architecture that this one is not
     */
    public static T2IAdapterConfig of(JsonNode config) {
        ObjectNode json = (ObjectNode) DEFAULTS.deepCopy();
        json.setAll((ObjectNode) config);
        String type = json.get("adapter_type").asString("");
        return new T2IAdapterConfig(
                switch (type) {
                    case "full_adapter" -> Type.FULL;
                    case "full_adapter_xl" -> Type.FULL_XL;
                    case "light_adapter" -> Type.LIGHT;
                    default -> throw refused("adapter_type", type, "full_adapter, full_adapter_xl or light_adapter");
                },
                json.get("in_channels").asLong(),
                json.get("channels").valueStream().map(JsonNode::asLong).toList(),
                json.get("num_res_blocks").asInt(),
                json.get("downscale_factor").asLong());
    }

    /** Channels of the rearranged picture: those of factor x factor pixels. */
    long unshuffled() {
        return inChannels * factor * factor;
    }

    /** From the finest to the coarsest. */
    public List<Block> blocks() {
        List<Block> blocks = new ArrayList<>();
        for (int i = 0; i < channels.size(); i++) {
            long before = i > 0 ? channels.get(i - 1) : type == Type.LIGHT ? unshuffled() : channels.get(0);
            // The reference gives its XL adapter's later blocks as many channels in as out.
            long in = type == Type.FULL_XL && i > 2 ? channels.get(i) : before;
            blocks.add(new Block(in, channels.get(i), type == Type.FULL_XL ? i == 2 : i > 0));
        }
        if (type == Type.LIGHT) {
            long last = channels.get(channels.size() - 1);
            blocks.add(new Block(last, last, true));
        }
        return blocks;
    }

    private static void require(boolean condition, String option, Object got, String wanted) {
        if (!condition) {
            throw refused(option, got, wanted);
        }
    }

    private static WeightsException refused(String option, Object got, String wanted) {
        return new WeightsException("T2I-Adapter config: [%s] is [%s], wanted %s".formatted(option, got, wanted));
    }
}
