package dev.latente.weights.compression;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.models.clip.ClipTextConfig;
import dev.latente.models.clip.ClipTextModel;
import dev.latente.models.t5.T5Config;
import dev.latente.models.t5.T5Encoder;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConfig;
import dev.latente.nn.Params;
import dev.latente.nn.Shapes;
import dev.latente.weights.Json;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Of the weights of models with two dimensions or four, the tables are no layers. */
class LayersTest {
    @Test
    void aUNetHasATableOfClasses() {
        UNetConfig config = UNetConfig.of(Json.parse("""
                {"block_out_channels": [8, 8], "layers_per_block": 1, "cross_attention_dim": 8, "attention_head_dim": 2,
                 "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"], "norm_num_groups": 8,
                 "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"], "num_class_embeds": 3}
                """));
        assertThat(tables(p -> new UNet2DCondition(p, config))).containsExactly("class_embedding.weight");
    }

    @Test
    void aTextEncoderHasTokensAndPositions() {
        ClipTextConfig config = ClipTextConfig.of(Json.parse("""
                {"architectures": ["CLIPTextModelWithProjection"], "hidden_size": 8, "intermediate_size": 16,
                 "num_hidden_layers": 1, "num_attention_heads": 1, "vocab_size": 20, "projection_dim": 8}
                """));
        assertThat(tables(p -> new ClipTextModel(p, config)))
                .containsExactlyInAnyOrder(
                        "text_model.embeddings.token_embedding.weight",
                        "text_model.embeddings.position_embedding.weight");
    }

    @Test
    void aT5HasTokensAndDistances() {
        T5Config config = T5Config.of(Json.parse("""
                {"d_model": 8, "d_kv": 4, "d_ff": 16, "num_layers": 1, "num_heads": 2, "vocab_size": 20,
                 "feed_forward_proj": "gated-gelu"}
                """));
        assertThat(tables(p -> new T5Encoder(p, config)))
                .containsExactlyInAnyOrder(
                        "shared.weight", "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight");
    }

    @Test
    void aPatchEmbeddingIsAConvolution() {
        assertThat(Layers.has("vision_model.embeddings.patch_embedding.weight", List.of(8L, 3L, 4L, 4L)))
                .isTrue();
        assertThat(Layers.has("time_embedding.linear_1.weight", List.of(8L, 4L)))
                .isTrue();
        assertThat(Layers.has("norm.weight", List.of(8L))).isFalse();
        assertThat(Layers.has("text_model.embeddings.position_ids", List.of(1L, 77L)))
                .isFalse();
    }

    private static List<String> tables(Consumer<Params> model) {
        Map<String, List<Long>> shapes = Shapes.of(model).entrySet().stream()
                .filter(e -> e.getValue().length > 1)
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        e -> Arrays.stream(e.getValue()).boxed().toList()));
        List<String> layers = Layers.of(shapes);
        return shapes.keySet().stream().filter(name -> !layers.contains(name)).toList();
    }
}
