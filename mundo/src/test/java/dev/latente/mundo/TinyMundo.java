package dev.latente.mundo;

import dev.latente.pipelines.UntrainedCheckpoint;
import dev.latente.tensor.DType;
import dev.latente.weights.Json;
import dev.latente.weights.WeightSources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A folder laid out as the default model's, for pictures of the same size, that has learned nothing. */
public final class TinyMundo {
    private static final UntrainedCheckpoint PARTS = new UntrainedCheckpoint(
            Map.of("unet", Json.parse("""
                            {"block_out_channels": [8, 16], "layers_per_block": 1, "sample_size": 16,
                             "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
                             "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"],
                             "cross_attention_dim": 16, "attention_head_dim": 2, "norm_num_groups": 4}
                            """), "vae", Json.parse("""
                            {"block_out_channels": [4, 4, 8, 8], "layers_per_block": 1, "norm_num_groups": 4, "sample_size": 128,
                             "down_block_types": ["DownEncoderBlock2D", "DownEncoderBlock2D", "DownEncoderBlock2D", "DownEncoderBlock2D"],
                             "up_block_types": ["UpDecoderBlock2D", "UpDecoderBlock2D", "UpDecoderBlock2D", "UpDecoderBlock2D"]}
                            """), "text_encoder", Json.parse("""
                            {"architectures": ["CLIPTextModel"], "hidden_size": 16, "intermediate_size": 32,
                             "num_hidden_layers": 2, "num_attention_heads": 2, "max_position_embeddings": 32,
                             "vocab_size": 200, "eos_token_id": 199}
                            """)), Json.parse("""
                            {"_class_name": "DDIMScheduler", "beta_start": 0.00085, "beta_end": 0.012,
                             "beta_schedule": "scaled_linear", "prediction_type": "v_prediction", "clip_sample": false,
                             "rescale_betas_zero_snr": true, "timestep_spacing": "trailing", "set_alpha_to_one": false}
                            """));

    private TinyMundo() {}

    /** Writes it, with the sums of its files. */
    public static Path write(Path folder) {
        PARTS.write(folder, WeightSources.random(0), DType.F16);
        try {
            Files.writeString(folder.resolve("latente.json"), "{\"steps\": 3, \"guidance\": 2}");
            Files.write(folder.resolve("SHA256SUMS"), sums(folder));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return folder;
    }

    private static List<String> sums(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .sorted()
                    .map(file -> sum(file) + "  " + folder.relativize(file))
                    .toList();
        }
    }

    private static String sum(Path file) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
