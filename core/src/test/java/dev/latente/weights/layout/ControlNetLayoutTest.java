package dev.latente.weights.layout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.models.controlnet.ControlNet;
import dev.latente.models.controlnet.ControlNetConfig;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.Scopes;
import dev.latente.weights.Json;
import dev.latente.weights.TensorInfo;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A ControlNet for SD1 at its full size, under the names of its authors' code. */
class ControlNetLayoutTest {
    /** Names of both, as diffusers' own conversion has them. */
    private static final Map<String, String> NAMES = Map.ofEntries(
            Map.entry("time_embed.2.bias", "time_embedding.linear_2.bias"),
            Map.entry("input_blocks.0.0.weight", "conv_in.weight"),
            Map.entry("input_blocks.1.0.in_layers.2.weight", "down_blocks.0.resnets.0.conv1.weight"),
            Map.entry("input_blocks.3.0.op.weight", "down_blocks.0.downsamplers.0.conv.weight"),
            Map.entry("input_blocks.4.0.skip_connection.bias", "down_blocks.1.resnets.0.conv_shortcut.bias"),
            Map.entry("input_blocks.8.1.proj_in.weight", "down_blocks.2.attentions.1.proj_in.weight"),
            Map.entry("input_blocks.11.0.out_layers.3.bias", "down_blocks.3.resnets.1.conv2.bias"),
            Map.entry("middle_block.1.norm.weight", "mid_block.attentions.0.norm.weight"),
            Map.entry("middle_block.2.emb_layers.1.weight", "mid_block.resnets.1.time_emb_proj.weight"),
            Map.entry("middle_block_out.0.weight", "controlnet_mid_block.weight"),
            Map.entry("zero_convs.11.0.bias", "controlnet_down_blocks.11.bias"),
            Map.entry("input_hint_block.0.weight", "controlnet_cond_embedding.conv_in.weight"),
            Map.entry("input_hint_block.2.weight", "controlnet_cond_embedding.blocks.0.weight"),
            Map.entry("input_hint_block.12.weight", "controlnet_cond_embedding.blocks.5.weight"),
            Map.entry("input_hint_block.14.weight", "controlnet_cond_embedding.conv_out.weight"));

    private static final JsonNode CONFIG = Json.parse("{\"cross_attention_dim\": 768}");

    @Test
    void theAuthorsNamesAreKnown() {
        Map<String, TensorInfo> weights = weights();
        KeyMap map = Layout.LDM_CONTROLNET.keys(weights.keySet());
        NAMES.forEach((stored, canonical) -> {
            KeyMap.Place place = map.ofCanonical(canonical);
            assertThat(place == null ? null : place.stored()).isEqualTo(stored);
        });
    }

    @Test
    void aFileOfTheirsIsRecognised() {
        Map<String, TensorInfo> weights = weights();
        KeyMap map = Layout.LDM_CONTROLNET.keys(weights.keySet());
        Map<String, TensorInfo> stored = new LinkedHashMap<>();
        weights.forEach((name, info) -> {
            KeyMap.Place place = map.ofCanonical(name);
            assertThat(place).as(name).isNotNull();
            stored.put("control_model." + (place == null ? "" : place.stored()), info);
        });
        assertThat(stored).hasSameSizeAs(weights);
        SingleFile file = new SingleFile(new MetaFile(Path.of("control.pth"), stored));
        assertThat(file.components()).containsOnlyKeys("controlnet");
        ControlNetConfig found = ControlNetConfig.of(file.config("controlnet", Family.SD1));
        assertThat(found).isEqualTo(ControlNetConfig.of(CONFIG));
    }

    /** Names and shapes of every weight that the model asks for. */
    private static Map<String, TensorInfo> weights() {
        Map<String, TensorInfo> weights = new LinkedHashMap<>();
        WeightSource recorder = new WeightSource() {
            @Override
            public Set<String> keys() {
                return Set.of();
            }

            @Override
            public Tensor get(String key, long... shape) {
                List<Long> sizes = LongStream.of(shape).boxed().toList();
                weights.put(key, new TensorInfo(key, "F32", sizes, 0));
                return WeightSources.meta().get(key, shape);
            }
        };
        Scopes.run(() -> {
            try (Arena arena = new Arena()) {
                assertThat(new ControlNet(Params.of(recorder, arena), ControlNetConfig.of(CONFIG)))
                        .isNotNull();
            }
        });
        return weights;
    }
}
