package dev.latente.models.kunet;

import dev.latente.nn.Activation;
import dev.latente.weights.Json;
import dev.latente.weights.WeightsException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Shape of a {@link KUNet}, from the {@code config.json} of diffusers' {@code UNet2DConditionModel} with K blocks.
 *
 * @param kernelIn side of the first convolution
 * @param kernelOut side of the last convolution
 * @param levels from the finest resolution to the coarsest
 * @param timeSize of the embedding of the noise level
 * @param condSize of the vector that is told beside the noise level
 * @param cosFirst whether the cosines of the noise level come before the sines
 * @param act between the layers
 * @param postAct of the embedding of the noise level
 */
public record KUNetConfig(
        long inChannels,
        long outChannels,
        long kernelIn,
        long kernelOut,
        List<Level> levels,
        long timeSize,
        long condSize,
        boolean cosFirst,
        Activation act,
        Activation postAct,
        double eps) {

    /**
     * One resolution.
     *
     * @param down whether there is attention on the way down
     * @param up whether there is attention on the way up
     * @param layers residual blocks on either way
     * @param headSize channels of a head
     * @param contextSize of the text embeddings
     */
    public record Level(long channels, boolean down, boolean up, int layers, long headSize, long contextSize) {
        public Level {
            require(channels >= KUNet.GROUP && channels % KUNet.GROUP == 0, "block_out_channels", channels, "32·n");
            require(headSize > 0 && channels % headSize == 0, "attention_head_dim", headSize, "a divisor of channels");
            require(layers > 0, "layers_per_block", layers, "a positive number");
        }
    }

    private static final JsonNode DEFAULTS = Json.parse("""
            {"in_channels": 8, "out_channels": 5, "conv_in_kernel": 3, "conv_out_kernel": 3, "layers_per_block": 2,
             "attention_head_dim": 8, "cross_attention_dim": 1280, "norm_eps": 1e-5, "flip_sin_to_cos": true,
             "act_fn": "silu"}
            """);

    /** Options that would change the architecture, and the values under which they do not. */
    private static final JsonNode NEEDED = Json.parse("""
            {"time_embedding_type": "fourier", "mid_block_type": null, "norm_num_groups": null, "class_embed_type": null,
             "num_class_embeds": null, "addition_embed_type": null, "encoder_hid_dim": null, "time_embedding_act_fn": null}
            """);

    public KUNetConfig {
        levels = List.copyOf(levels);
        require(!levels.isEmpty(), "block_out_channels", levels, "at least one");
        require(timeSize > 0 && timeSize % 2 == 0, "time_embedding_dim", timeSize, "an even number");
    }

    /** Whether a U-Net's configuration is of this kind. */
    public static boolean describes(JsonNode config) {
        return config.path("down_block_types").path(0).asString("").startsWith("K");
    }

    /**
     * Reads a {@code config.json}.
     *
     * @throws WeightsException if it describes an architecture that this one is not
     */
    public static KUNetConfig of(JsonNode config) {
        ObjectNode json = (ObjectNode) DEFAULTS.deepCopy();
        json.setAll((ObjectNode) config);
        NEEDED.properties().forEach(option -> {
            JsonNode got = json.path(option.getKey());
            boolean same = got.isMissingNode() ? option.getValue().isNull() : got.equals(option.getValue());
            require(same, option.getKey(), got, option.getValue().toString());
        });
        JsonNode channels = json.path("block_out_channels");
        int n = channels.size();
        require(json.path("down_block_types").size() == n, "down_block_types", json.path("down_block_types"), "" + n);
        require(json.path("up_block_types").size() == n, "up_block_types", json.path("up_block_types"), "" + n);
        List<Level> levels = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            levels.add(new Level(
                    channels.get(i).asLong(),
                    attention(json.path("down_block_types").get(i), "Down"),
                    attention(json.path("up_block_types").get(n - 1 - i), "Up"),
                    (int) of(json, "layers_per_block", i),
                    of(json, "attention_head_dim", i),
                    of(json, "cross_attention_dim", i)));
        }
        return new KUNetConfig(
                json.get("in_channels").asLong(),
                json.get("out_channels").asLong(),
                json.get("conv_in_kernel").asLong(),
                json.get("conv_out_kernel").asLong(),
                levels,
                json.path("time_embedding_dim").asLong(2 * channels.get(0).asLong()),
                json.path("time_cond_proj_dim").asLong(0),
                json.get("flip_sin_to_cos").asBoolean(),
                Activation.of(json.get("act_fn").asString()),
                Activation.of(json.path("timestep_post_act").asString("gelu").toLowerCase(Locale.ROOT)),
                json.get("norm_eps").asDouble());
    }

    private static boolean attention(JsonNode type, String way) {
        boolean attention = type.asString("").equals("KCrossAttn" + way + "Block2D");
        boolean known = attention || type.asString("").equals("K" + way + "Block2D");
        require(
                known,
                way.toLowerCase(Locale.ROOT) + "_block_types",
                type,
                "K%1$sBlock2D or KCrossAttn%1$sBlock2D".formatted(way));
        return attention;
    }

    /** The value for one level, where a value that is no list counts for all. */
    private static long of(JsonNode json, String key, int level) {
        JsonNode value = json.get(key);
        return value.isArray() ? value.path(level).asLong() : value.asLong();
    }

    private static void require(boolean condition, String option, Object got, String wanted) {
        if (!condition) {
            throw new WeightsException("k-unet config: [%s] is [%s], wanted %s".formatted(option, got, wanted));
        }
    }
}
