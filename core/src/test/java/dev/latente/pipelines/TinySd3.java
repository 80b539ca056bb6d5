package dev.latente.pipelines;

import dev.latente.tensor.DType;
import dev.latente.weights.Json;
import dev.latente.weights.WeightSources;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** A Stable Diffusion 3.5 in small: pictures of 32x32 pixels from latents of 16x16, with both CLIPs and T5. */
final class TinySd3 {
    private static final String CLIP = """
            {"architectures": ["CLIPTextModelWithProjection"], "hidden_size": %d, "intermediate_size": 32, "hidden_act": "%s",
             "num_hidden_layers": 3, "num_attention_heads": 1, "vocab_size": 200, "eos_token_id": 2, "projection_dim": %d,
             "model_type": "clip_text_model"}
            """;

    private static final JsonNode SCHEDULER = Json.parse(
            "{\"_class_name\": \"FlowMatchEulerDiscreteScheduler\", \"num_train_timesteps\": 1000, \"shift\": 3.0}");

    private TinySd3() {}

    /** Writes it as a folder of diffusers, with weights that depend on nothing but their names. */
    static Path write(Path folder) {
        Map<String, JsonNode> parts = new LinkedHashMap<>();
        parts.put("transformer", Json.parse("""
                {"_class_name": "SD3Transformer2DModel", "sample_size": 128, "patch_size": 2, "in_channels": 16, "num_layers": 3,
                 "attention_head_dim": 8, "num_attention_heads": 2, "joint_attention_dim": 32, "caption_projection_dim": 16,
                 "pooled_projection_dim": 24, "out_channels": 16, "pos_embed_max_size": 8, "qk_norm": "rms_norm",
                 "dual_attention_layers": [0]}
                """));
        parts.put("vae", Json.parse("""
                {"_class_name": "AutoencoderKL", "act_fn": "silu", "block_out_channels": [8, 16], "latent_channels": 16,
                 "layers_per_block": 1, "norm_num_groups": 8, "sample_size": 1024, "in_channels": 3, "out_channels": 3,
                 "down_block_types": ["DownEncoderBlock2D", "DownEncoderBlock2D"],
                 "up_block_types": ["UpDecoderBlock2D", "UpDecoderBlock2D"], "use_quant_conv": false,
                 "use_post_quant_conv": false, "scaling_factor": 1.5305, "shift_factor": 0.0609}
                """));
        parts.put("text_encoder", Json.parse(CLIP.formatted(16, "quick_gelu", 8)));
        parts.put("text_encoder_2", Json.parse(CLIP.formatted(16, "gelu", 16)));
        parts.put("text_encoder_3", Json.parse("""
                {"architectures": ["T5EncoderModel"], "model_type": "t5", "d_model": 32, "d_kv": 8, "d_ff": 48, "num_layers": 2,
                 "num_heads": 4, "vocab_size": 120, "feed_forward_proj": "gated-gelu"}
                """));
        new UntrainedCheckpoint(parts, SCHEDULER).write(folder, WeightSources.random(0), DType.F16);
        return folder;
    }
}
