package dev.latente.pipelines;

import dev.latente.models.controlnet.ControlNetConfig;
import dev.latente.tensor.DType;
import dev.latente.weights.Json;
import dev.latente.weights.WeightSources;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A Stable Diffusion 1 in small: pictures of 32x32 pixels from latents of 8x8, in milliseconds. */
public final class TinyCheckpoint {
    private static final JsonNode UNET = Json.parse("""
                            {"block_out_channels": [16, 32], "layers_per_block": 1, "sample_size": 8,
                             "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
                             "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"],
                             "cross_attention_dim": 32, "attention_head_dim": 4, "norm_num_groups": 8}
                            """);

    private static final JsonNode SCHEDULER = Json.parse("""
                    {"_class_name": "EulerAncestralDiscreteScheduler", "beta_start": 0.00085, "beta_end": 0.012,
                     "beta_schedule": "scaled_linear", "steps_offset": 1, "timestep_spacing": "leading"}
                    """);

    private static final UntrainedCheckpoint PARTS = new UntrainedCheckpoint(
            Map.of("unet", UNET, "vae", Json.parse("""
                            {"block_out_channels": [8, 8, 16], "layers_per_block": 1, "norm_num_groups": 4, "sample_size": 32,
                             "down_block_types": ["DownEncoderBlock2D", "DownEncoderBlock2D", "DownEncoderBlock2D"],
                             "up_block_types": ["UpDecoderBlock2D", "UpDecoderBlock2D", "UpDecoderBlock2D"]}
                            """), "text_encoder", Json.parse("""
                            {"architectures": ["CLIPTextModel"], "hidden_size": 32, "intermediate_size": 64,
                             "num_hidden_layers": 3, "num_attention_heads": 4, "vocab_size": 200, "eos_token_id": 2}
                            """)), SCHEDULER);

    private TinyCheckpoint() {}

    /** Writes it as a folder of diffusers, with weights that depend on nothing but their names. */
    public static Path write(Path folder) {
        PARTS.write(folder, WeightSources.random(0), DType.F16);
        return folder;
    }

    /**
     * Writes it with a U-Net that sees more than the latents.
     *
     * @param channels that it takes
     * @param labels how many classes it knows, 0 for none
     */
    public static Path writeSeeing(Path folder, int channels, int labels) {
        Map<String, JsonNode> configs = new HashMap<>(PARTS.configs());
        ObjectNode unet = (ObjectNode) UNET.deepCopy();
        unet.put("in_channels", channels);
        if (labels > 0) {
            unet.put("num_class_embeds", labels);
        }
        configs.put("unet", unet);
        new UntrainedCheckpoint(configs, SCHEDULER).write(folder, WeightSources.random(0), DType.F16);
        return folder;
    }

    /** Writes it with a text encoder that reads so many tokens at once. */
    static Path write(Path folder, int window) {
        Map<String, JsonNode> configs = new HashMap<>(PARTS.configs());
        configs.computeIfPresent(
                "text_encoder",
                (part, config) -> ((ObjectNode) config.deepCopy()).put("max_position_embeddings", window));
        new UntrainedCheckpoint(configs, SCHEDULER).write(folder, WeightSources.random(0), DType.F16);
        return folder;
    }

    /** Writes a ControlNet for it and gives its folder, which lies in that folder. */
    public static Path writeControlNet(Path folder) {
        ObjectNode config = (ObjectNode) ControlNetConfig.forUNet(UNET);
        config.set("conditioning_embedding_out_channels", Json.parse("[4, 4, 8]"));
        new UntrainedCheckpoint(Map.of("controlnet", config), SCHEDULER)
                .write(folder, WeightSources.random(1), DType.F16);
        return folder.resolve("controlnet");
    }
}
