package dev.latente.pipelines;

import dev.latente.tensor.DType;
import dev.latente.weights.Json;
import dev.latente.weights.WeightSources;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** A Flux.1 in small: pictures of 32x32 pixels from latents of 16x16, with CLIP and T5. */
final class TinyFlux {
    private static final String DEV_SCHEDULER = """
            {"_class_name": "FlowMatchEulerDiscreteScheduler", "num_train_timesteps": 1000, "shift": 3.0,
             "use_dynamic_shifting": true, "base_shift": 0.5, "max_shift": 1.15, "base_image_seq_len": 256,
             "max_image_seq_len": 4096}
            """;
    private static final String SCHNELL_SCHEDULER = """
            {"_class_name": "FlowMatchEulerDiscreteScheduler", "num_train_timesteps": 1000, "shift": 1.0,
             "use_dynamic_shifting": false, "base_shift": 0.5, "max_shift": 1.15, "base_image_seq_len": 256,
             "max_image_seq_len": 4096}
            """;

    private TinyFlux() {}

    /** Writes dev as a folder of diffusers, with weights that depend on nothing but their names. */
    static Path dev(Path folder) {
        return write(folder, true, 64);
    }

    static Path schnell(Path folder) {
        return write(folder, false, 64);
    }

    /** One whose transformer also sees another picture. */
    static Path depth(Path folder) {
        return write(folder, true, 128);
    }

    private static Path write(Path folder, boolean dev, int inChannels) {
        Map<String, JsonNode> parts = new LinkedHashMap<>();
        parts.put("transformer", Json.parse("""
                {"_class_name": "FluxTransformer2DModel", "patch_size": 1, "in_channels": %d, "num_layers": 1,
                 "num_single_layers": 2, "attention_head_dim": 8, "num_attention_heads": 2, "joint_attention_dim": 32,
                 "pooled_projection_dim": 16, "guidance_embeds": %s, "axes_dims_rope": [4, 2, 2], "out_channels": 64}
                """.formatted(inChannels, dev)));
        parts.put("vae", Json.parse("""
                {"_class_name": "AutoencoderKL", "act_fn": "silu", "block_out_channels": [8, 16], "latent_channels": 16,
                 "layers_per_block": 1, "norm_num_groups": 8, "sample_size": 1024, "in_channels": 3, "out_channels": 3,
                 "down_block_types": ["DownEncoderBlock2D", "DownEncoderBlock2D"],
                 "up_block_types": ["UpDecoderBlock2D", "UpDecoderBlock2D"], "use_quant_conv": false,
                 "use_post_quant_conv": false, "scaling_factor": 0.3611, "shift_factor": 0.1159}
                """));
        parts.put("text_encoder", Json.parse("""
                {"architectures": ["CLIPTextModel"], "hidden_size": 16, "intermediate_size": 32, "hidden_act": "quick_gelu",
                 "num_hidden_layers": 2, "num_attention_heads": 1, "vocab_size": 200, "eos_token_id": 2,
                 "projection_dim": 16, "model_type": "clip_text_model"}
                """));
        parts.put("text_encoder_2", Json.parse("""
                {"architectures": ["T5EncoderModel"], "model_type": "t5", "d_model": 32, "d_kv": 8, "d_ff": 48, "num_layers": 2,
                 "num_heads": 4, "vocab_size": 120, "feed_forward_proj": "gated-gelu"}
                """));
        JsonNode scheduler = Json.parse(dev ? DEV_SCHEDULER : SCHNELL_SCHEDULER);
        new UntrainedCheckpoint(parts, scheduler).write(folder, WeightSources.random(0), DType.F16);
        return folder;
    }
}
