package dev.latente.models.unet;

import dev.latente.weights.Json;
import dev.latente.weights.WeightsException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Shape of a U-Net, from the {@code config.json} of diffusers' {@code UNet2DConditionModel}; defaults are that class's.
 *
 * @param sampleSize side of the latents that it was trained on
 * @param down stages from the finest resolution to the coarsest
 * @param up stages from the coarsest resolution to the finest
 * @param centerInput whether a sample in [0,1] is moved to [-1,1]
 * @param linearProjection whether the projections around a transformer are stored as matrices and not as 1x1 convolutions
 * @param groups of every group normalisation
 */
public record UNetConfig(
        long inChannels,
        long outChannels,
        long sampleSize,
        List<Stage> down,
        Middle middle,
        List<Stage> up,
        Embeddings embeddings,
        boolean centerInput,
        boolean linearProjection,
        long downsamplePadding,
        long groups,
        double eps) {

    /**
     * One resolution.
     *
     * @param attention whether a transformer follows each residual block
     * @param onlyCross whether the first attention of a transformer block looks at the text, too
     * @param heads of an attention
     * @param contextSize of the text embeddings
     * @param depths transformer blocks after each residual block; its length is the number of residual blocks
     */
    public record Stage(
            long channels, boolean attention, boolean onlyCross, long heads, long contextSize, List<Integer> depths) {
        public Stage {
            depths = List.copyOf(depths);
            require(channels > 0, "block_out_channels", channels, "a positive number");
            require(!depths.isEmpty(), "layers_per_block", 0, "a positive number");
            boolean divides = heads > 0 && channels % heads == 0;
            require(!attention || divides, "attention_head_dim", heads, "a divisor of " + channels);
        }

        /** The coarsest stage's settings for the middle, whose first attention never looks at the text. */
        Stage middle(boolean attention) {
            return new Stage(channels, attention, false, heads, contextSize, depths);
        }
    }

    /** What stands between the way down and the way up. */
    public enum Middle {
        NONE,
        RESIDUAL,
        ATTENTION
    }

    /** How class labels become a vector: looked up, as sinusoids, or projected as they are. */
    public enum ClassLabels {
        NONE,
        TABLE,
        TIMESTEP,
        PROJECTION
    }

    /**
     * Embeddings that are added up and told to every residual block.
     *
     * @param timeSize of the sinusoids of the timestep
     * @param size of the sum
     * @param condSize of the guidance embedding (LCM), or 0
     * @param additionTimeSize of the sinusoids of one time id (SDXL), or 0
     * @param projectionSize of the vector that SDXL's or the class embedding projects, or 0
     * @param classCount rows of the table of classes, or 0
     */
    public record Embeddings(
            long timeSize,
            long size,
            boolean flipSinToCos,
            double freqShift,
            long condSize,
            long additionTimeSize,
            long projectionSize,
            ClassLabels classLabels,
            long classCount) {
        public Embeddings {
            require(timeSize % 2 == 0, "block_out_channels[0]", timeSize, "an even number for the sinusoids");
        }
    }

    private static final ObjectNode DEFAULTS = (ObjectNode) Json.parse("""
            {"in_channels": 4, "out_channels": 4, "sample_size": 64, "center_input_sample": false,
             "down_block_types": ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
             "mid_block_type": "UNetMidBlock2DCrossAttn",
             "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"],
             "only_cross_attention": false, "block_out_channels": [320, 640, 1280, 1280], "layers_per_block": 2,
             "downsample_padding": 1, "norm_num_groups": 32, "norm_eps": 1e-5, "cross_attention_dim": 1280,
             "transformer_layers_per_block": 1, "attention_head_dim": 8, "use_linear_projection": false,
             "flip_sin_to_cos": true, "freq_shift": 0}
            """);

    /** Options that would change the architecture, and the values under which they do not; null always does not. */
    private static final JsonNode SUPPORTED = Json.parse("""
            {"act_fn": ["silu", "swish"], "addition_embed_type": ["text_time"], "attention_type": ["default"],
             "class_embed_type": ["timestep", "projection"], "class_embeddings_concat": [false],
             "conv_in_kernel": [3], "conv_out_kernel": [3], "cross_attention_norm": [], "dual_cross_attention": [false],
             "encoder_hid_dim": [], "encoder_hid_dim_type": [], "mid_block_scale_factor": [1, 1.0],
             "mid_block_type": ["UNetMidBlock2DCrossAttn", "UNetMidBlock2D"], "resnet_out_scale_factor": [1, 1.0],
             "resnet_skip_time_act": [false], "resnet_time_scale_shift": ["default"], "time_embedding_act_fn": [],
             "time_embedding_type": ["positional"], "timestep_post_act": []}
            """);

    public UNetConfig {
        down = List.copyOf(down);
        up = List.copyOf(up);
        require(inChannels > 0, "in_channels", inChannels, "a positive number");
        require(outChannels > 0, "out_channels", outChannels, "a positive number");
        require(up.size() == down.size(), "up_block_types", up.size(), "as many as down_block_types");
        for (Stage stage : down) {
            boolean divides = groups > 0 && stage.channels % groups == 0;
            require(divides, "norm_num_groups", groups, "a divisor of " + stage.channels);
        }
    }

    /**
     * Reads a {@code config.json}.
     *
     * @throws WeightsException if it describes an architecture that this one is not
     */
    public static UNetConfig of(JsonNode config) {
        ObjectNode json = DEFAULTS.deepCopy();
        json.setAll((ObjectNode) config);
        SUPPORTED.properties().forEach(option -> {
            JsonNode value = json.path(option.getKey());
            boolean absent = value.isNull() || value.isMissingNode();
            boolean supported = absent || option.getValue().valueStream().anyMatch(value::equals);
            require(supported, option.getKey(), value, "one of " + option.getValue());
        });
        return new UNetConfig(
                json.get("in_channels").asLong(),
                json.get("out_channels").asLong(),
                of(json, "sample_size", 0, 2).asLong(0),
                stages(json, false),
                switch (json.get("mid_block_type").asString("")) {
                    case "UNetMidBlock2DCrossAttn" -> Middle.ATTENTION;
                    case "UNetMidBlock2D" -> Middle.RESIDUAL;
                    default -> Middle.NONE;
                },
                stages(json, true),
                embeddings(json),
                json.get("center_input_sample").asBoolean(),
                json.get("use_linear_projection").asBoolean(),
                json.get("downsample_padding").asLong(),
                json.get("norm_num_groups").asLong(0),
                json.get("norm_eps").asDouble());
    }

    private static Embeddings embeddings(JsonNode json) {
        long channels = json.get("block_out_channels").get(0).asLong();
        long count = json.path("num_class_embeds").asLong(0);
        boolean textTime = json.hasNonNull("addition_embed_type");
        String type = json.path("class_embed_type").asString("");
        return new Embeddings(
                channels,
                json.path("time_embedding_dim").asLong(4 * channels),
                json.get("flip_sin_to_cos").asBoolean(),
                json.get("freq_shift").asDouble(),
                json.path("time_cond_proj_dim").asLong(0),
                textTime ? json.path("addition_time_embed_dim").asLong(0) : 0,
                json.path("projection_class_embeddings_input_dim").asLong(0),
                !type.isEmpty()
                        ? ClassLabels.valueOf(type.toUpperCase(Locale.ROOT))
                        : count > 0 ? ClassLabels.TABLE : ClassLabels.NONE,
                count);
    }

    /** The stages in the order in which a sample passes them. */
    private static List<Stage> stages(JsonNode json, boolean up) {
        String types = up ? "up_block_types" : "down_block_types";
        String plain = up ? "UpBlock2D" : "DownBlock2D";
        String heads = json.hasNonNull("num_attention_heads") ? "num_attention_heads" : "attention_head_dim";
        String depths = "transformer_layers_per_block";
        boolean ownDepths = up && json.hasNonNull("reverse_" + depths);
        int n = json.get(types).size();
        List<Stage> stages = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            String type = json.get(types).get(i).asString();
            boolean attention = type.equals("CrossAttn" + plain);
            require(attention || type.equals(plain), types, type, "%s or CrossAttn%s".formatted(plain, plain));
            // The lists go from the finest resolution to the coarsest, also for the way up.
            int at = up ? n - 1 - i : i;
            stages.add(new Stage(
                    of(json, "block_out_channels", at, n).asLong(),
                    attention,
                    of(json, "only_cross_attention", at, n).asBoolean(),
                    of(json, heads, at, n).asLong(),
                    of(json, "cross_attention_dim", at, n).asLong(0),
                    depths(
                            ownDepths ? of(json, "reverse_" + depths, i, n) : of(json, depths, at, n),
                            of(json, "layers_per_block", at, n).asInt() + (up ? 1 : 0))));
        }
        return stages;
    }

    /** The value for one of n stages, where a value that is no list counts for all. */
    private static JsonNode of(JsonNode json, String key, int stage, int n) {
        JsonNode value = json.get(key);
        require(!value.isArray() || value.size() == n, key, value, n + " values, one for each block");
        return value.isArray() ? value.get(stage) : value;
    }

    private static List<Integer> depths(JsonNode value, int resnets) {
        if (!value.isArray()) {
            return Collections.nCopies(resnets, value.asInt());
        }
        require(value.size() == resnets, "transformer_layers_per_block", value, resnets + " depths");
        return value.valueStream().map(JsonNode::asInt).toList();
    }

    private static void require(boolean condition, String option, Object got, String wanted) {
        if (!condition) {
            throw new WeightsException("unet config: [%s] is [%s], wanted %s".formatted(option, got, wanted));
        }
    }
}
