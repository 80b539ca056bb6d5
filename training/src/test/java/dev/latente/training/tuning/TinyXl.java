package dev.latente.training.tuning;

import dev.latente.pipelines.UntrainedCheckpoint;
import dev.latente.tensor.DType;
import dev.latente.weights.Json;
import dev.latente.weights.WeightSources;
import java.nio.file.Path;
import java.util.Map;

/** An SDXL in small: two text encoders, the second with a projection, and a U-Net that is told sizes. */
final class TinyXl {
    private static final UntrainedCheckpoint PARTS = new UntrainedCheckpoint(
            Map.of(
                    "unet",
                    Json.parse("""
                            {"block_out_channels": [16, 32], "layers_per_block": 1, "sample_size": 8,
                             "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
                             "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"],
                             "cross_attention_dim": 48, "attention_head_dim": 4, "norm_num_groups": 8,
                             "addition_embed_type": "text_time", "addition_time_embed_dim": 8,
                             "projection_class_embeddings_input_dim": 72}
                            """),
                    "vae",
                    Json.parse("""
                            {"block_out_channels": [8, 8, 16], "layers_per_block": 1, "norm_num_groups": 4, "sample_size": 32,
                             "down_block_types": ["DownEncoderBlock2D", "DownEncoderBlock2D", "DownEncoderBlock2D"],
                             "up_block_types": ["UpDecoderBlock2D", "UpDecoderBlock2D", "UpDecoderBlock2D"]}
                            """),
                    "text_encoder",
                    Json.parse("""
                            {"architectures": ["CLIPTextModel"], "hidden_size": 32, "intermediate_size": 64,
                             "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 200, "eos_token_id": 2}
                            """),
                    "text_encoder_2",
                    Json.parse("""
                            {"architectures": ["CLIPTextModelWithProjection"], "hidden_size": 16, "intermediate_size": 32,
                             "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 200, "eos_token_id": 2,
                             "projection_dim": 24}
                            """)),
            Json.parse("""
                    {"_class_name": "EulerDiscreteScheduler", "beta_start": 0.00085, "beta_end": 0.012,
                     "beta_schedule": "scaled_linear", "steps_offset": 1, "timestep_spacing": "leading"}
                    """));

    private TinyXl() {}

    /** Writes it as a folder of diffusers. */
    static Path write(Path folder) {
        PARTS.write(folder, WeightSources.random(0), DType.F16);
        return folder;
    }
}
