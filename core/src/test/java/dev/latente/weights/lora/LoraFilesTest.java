package dev.latente.weights.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.weights.Safetensors;
import dev.latente.weights.SafetensorsWriter;
import dev.latente.weights.TensorFile;
import dev.latente.weights.WeightsException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoraFilesTest {
    private static final String ATTENTION = "mid_block.attentions.0.transformer_blocks.0.attn1.to_out.0.weight";
    private static final String CONVOLUTION = "down_blocks.0.resnets.0.conv1.weight";
    private static final String TEXT = "text_model.encoder.layers.0.self_attn.q_proj.weight";

    private static final Map<String, Set<String>> MODELS = Map.of(
            "unet", Set.of(ATTENTION, CONVOLUTION, "conv_in.weight", "conv_in.bias"),
            "text_encoder", Set.of(TEXT, "text_projection.weight"),
            "text_encoder_2", Set.of(TEXT));

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    private final Arena arena = new Arena();

    private Path file() {
        return folder.resolve("lora.safetensors");
    }

    private Tensor random(long... shape) {
        return arena.own(() -> {
            try (Rng rng = new Rng(1)) {
                return rng.normal(shape);
            }
        });
    }

    private Path write(Object... namesAndShapes) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (int i = 0; i < namesAndShapes.length; i += 2) {
            tensors.put((String) namesAndShapes[i], random((long[]) namesAndShapes[i + 1]));
        }
        SafetensorsWriter.of(tensors).write(file());
        return file();
    }

    private static long[] shape(long... sizes) {
        return sizes;
    }

    private Map<String, Lora> loras() {
        return Map.of(
                "unet",
                new Lora(Map.of(
                        ATTENTION, new LowRank(random(2, 8), random(8, 2), 1),
                        CONVOLUTION, new LowRank(random(3, 4, 3, 3), random(8, 3, 1, 1), 0.75))),
                "text_encoder",
                new Lora(Map.of(TEXT, new LowRank(random(2, 6), random(6, 2), 2))));
    }

    @Test
    void whatIsWrittenIsRead() {
        LoraWriter.of(loras()).writeDiffusers(file());
        assertSame(LoraFile.read(folder.resolve("lora.safetensors"), MODELS, arena));
        LoraWriter.of(loras()).writeKohya(file());
        assertSame(LoraFile.read(file(), MODELS, arena));
        try (TensorFile written = Safetensors.open(file())) {
            assertThat(written.keys())
                    .contains(
                            "lora_unet_down_blocks_0_resnets_0_conv1.alpha",
                            "lora_te_text_model_encoder_layers_0_self_attn_q_proj.lora_up.weight");
        }
    }

    private void assertSame(Map<String, WeightChanges> got) {
        Map<String, Lora> wanted = loras();
        assertThat(got.keySet()).isEqualTo(wanted.keySet());
        wanted.forEach((model, lora) -> {
            Map<String, LowRank> layers =
                    Lora.of(Objects.requireNonNull(got.get(model))).layers();
            assertThat(layers.keySet()).isEqualTo(lora.layers().keySet());
            lora.layers().forEach((key, change) -> {
                LowRank read = Objects.requireNonNull(layers.get(key));
                assertThat(read.alpha()).isEqualTo(change.alpha());
                assertThat(Ops.floats(read.a())).containsExactly(Ops.floats(change.a()));
                assertThat(Ops.floats(read.b())).containsExactly(Ops.floats(change.b()));
            });
        });
    }

    @Test
    void twoTextEncodersAreNumbered() {
        Lora text = new Lora(Map.of(TEXT, new LowRank(random(2, 6), random(6, 2), 2)));
        LoraWriter.of(Map.of("text_encoder", text, "text_encoder_2", text))
                .withDType(DType.F16)
                .withMetadata(Map.of("ss_output_name", "cat"))
                .writeKohya(file());
        try (TensorFile written = Safetensors.open(file())) {
            assertThat(written.keys()).allMatch(k -> k.startsWith("lora_te1_") || k.startsWith("lora_te2_"));
            assertThat(written.metadata())
                    .containsEntry("ss_output_name", "cat")
                    .containsEntry("ss_network_dim", "2")
                    .containsEntry("ss_network_module", "networks.lora");
            assertThat(written.tensors().values().stream().filter(t -> t.dtype().equals("F16")))
                    .hasSize(4);
        }
        assertThat(LoraFile.read(file(), MODELS, arena)).hasSize(2);
    }

    @Test
    void olderNamesMeanTheSame() {
        String attention = "mid_block.attentions.0.transformer_blocks.0.attn1";
        for (String[] names : new String[][] {
            {attention + ".processor.to_out_lora.down.weight", attention + ".processor.to_out_lora.up.weight"},
            {"unet." + attention + ".to_out.0.lora.down.weight", "unet." + attention + ".to_out.0.lora.up.weight"},
            {
                "lora_unet_middle_block_1_transformer_blocks_0_attn1_to_out_0.lora_down.weight",
                "lora_unet_middle_block_1_transformer_blocks_0_attn1_to_out_0.lora_up.weight"
            }
        }) {
            Map<String, WeightChanges> read =
                    LoraFile.read(write(names[0], shape(2, 8), names[1], shape(8, 2)), MODELS, arena);
            assertThat(Objects.requireNonNull(read.get("unet")).layers()).containsOnlyKeys(ATTENTION);
        }
        for (String name : new String[] {
            "text_encoder.text_model.encoder.layers.0.self_attn.to_q_lora.%s.weight",
            "text_encoder.text_model.encoder.layers.0.self_attn.q_proj.lora_linear_layer.%s.weight",
            "text_encoder.encoder.layers.0.self_attn.q_proj.lora.%s.weight"
        }) {
            Path file = write(name.formatted("down"), shape(2, 6), name.formatted("up"), shape(6, 2));
            Map<String, WeightChanges> read = LoraFile.read(file, MODELS, arena);
            assertThat(Objects.requireNonNull(read.get("text_encoder")).layers())
                    .containsOnlyKeys(TEXT);
        }
    }

    @Test
    void whatBelongsNowhereIsNamed() {
        Path file = write("unet.nowhere.lora_A.weight", shape(2, 8), "unet.conv_in.oft_blocks", shape(8));
        assertThatThrownBy(() -> LoraFile.read(file, MODELS, arena))
                .isInstanceOf(WeightsException.class)
                .hasMessageContainingAll("2 of 2", "[unet.nowhere.lora_A.weight]", "[unet.conv_in.oft_blocks]");
    }

    @Test
    void halfALayerIsRefused() {
        Path file = write("unet.conv_in.lora_A.weight", shape(2, 4, 3, 3));
        assertThatThrownBy(() -> LoraFile.read(file, MODELS, arena))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("[unet.conv_in.lora_A.weight]");
    }

    @Test
    void twoNamesForOneLayerAreRefused() {
        Path file =
                write("unet.conv_in.lora_A.weight", shape(2, 36), "lora_unet_conv_in.lora_down.weight", shape(2, 36));
        assertThatThrownBy(() -> LoraFile.read(file, MODELS, arena))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("[lora_unet_conv_in.lora_down.weight]");
    }

    @Test
    void rankStabilisedAdaptersAreScaledByTheRoot() {
        Map<String, Tensor> tensors = Map.of(
                "unet.conv_in.lora_A.weight", random(4, 4, 3, 3), "unet.conv_in.lora_B.weight", random(8, 4, 1, 1));
        SafetensorsWriter.of(tensors)
                .withMetadata(Map.of(PeftMetadata.KEY, "{\"unet.lora_alpha\": 3, \"unet.use_rslora\": true}"))
                .write(file());
        Lora read = Lora.of(
                Objects.requireNonNull(LoraFile.read(file(), MODELS, arena).get("unet")));
        assertThat(Objects.requireNonNull(read.layers().get("conv_in.weight")).factor())
                .isEqualTo(3 / Math.sqrt(4));
    }
}
