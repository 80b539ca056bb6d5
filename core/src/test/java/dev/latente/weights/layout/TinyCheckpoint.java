package dev.latente.weights.layout;

import dev.latente.models.clip.ClipTextConfig;
import dev.latente.models.clip.ClipTextModel;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConfig;
import dev.latente.models.vae.AutoencoderKL;
import dev.latente.models.vae.VaeConfig;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.weights.Json;
import dev.latente.weights.SafetensorsWriter;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.databind.JsonNode;

/** A folder of diffusers with the smallest models there are and random weights. */
final class TinyCheckpoint {
    static final JsonNode UNET = Json.parse("""
            {"_class_name": "UNet2DConditionModel", "block_out_channels": [8, 8], "layers_per_block": 1,
             "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"], "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"],
             "cross_attention_dim": 8, "attention_head_dim": 8, "norm_num_groups": 8}
            """);
    static final JsonNode VAE = Json.parse("""
            {"_class_name": "AutoencoderKL", "block_out_channels": [8, 8], "layers_per_block": 1, "norm_num_groups": 8,
             "down_block_types": ["DownEncoderBlock2D", "DownEncoderBlock2D"],
             "up_block_types": ["UpDecoderBlock2D", "UpDecoderBlock2D"]}
            """);
    static final JsonNode CLIP = Json.parse("""
            {"architectures": ["CLIPTextModel"], "model_type": "clip_text_model", "hidden_size": 8, "intermediate_size": 16,
             "num_hidden_layers": 2, "num_attention_heads": 1, "vocab_size": 20, "max_position_embeddings": 77}
            """);

    private TinyCheckpoint() {}

    static void write(Path folder) throws IOException {
        write(
                folder.resolve("unet"),
                UNET,
                "diffusion_pytorch_model.safetensors",
                weights(1, p -> new UNet2DCondition(p, UNetConfig.of(UNET))));
        write(
                folder.resolve("vae"),
                VAE,
                "diffusion_pytorch_model.safetensors",
                weights(2, p -> new AutoencoderKL(p, VaeConfig.of(VAE))));
        write(
                folder.resolve("text_encoder"),
                CLIP,
                "model.safetensors",
                weights(3, p -> new ClipTextModel(p, ClipTextConfig.of(CLIP))));
    }

    static void write(Path folder, JsonNode config, String file, Map<String, Tensor> weights) throws IOException {
        Files.createDirectories(folder);
        Json.write(folder.resolve("config.json"), config);
        SafetensorsWriter.of(weights).write(folder.resolve(file));
    }

    /** The weights that a model asks for. */
    static Map<String, Tensor> weights(long seed, Consumer<Params> model) {
        WeightSource random = WeightSources.random(seed);
        Map<String, Tensor> weights = new TreeMap<>();
        WeightSource recorder = new WeightSource() {
            @Override
            public Set<String> keys() {
                return Set.of();
            }

            @Override
            public Tensor get(String key, long... shape) {
                weights.put(key, random.get(key, shape).retainReference());
                return random.get(key, shape);
            }
        };
        try (Arena arena = new Arena()) {
            model.accept(Params.of(recorder, arena));
        }
        return weights;
    }
}
