package dev.latente.weights.lora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.weights.SafetensorsWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoraSummaryTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    private LoraSummary summary(Map<String, String> metadata, Object... namesAndShapes) {
        Path file = folder.resolve("adapter.safetensors");
        Scopes.run(() -> {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            for (int i = 0; i < namesAndShapes.length; i += 2) {
                tensors.put(
                        (String) namesAndShapes[i], Ops.full(4, DType.F32, Device.CPU, (long[]) namesAndShapes[i + 1]));
            }
            SafetensorsWriter.of(tensors).withMetadata(metadata).write(file);
        });
        return Objects.requireNonNull(LoraSummary.of(file));
    }

    private static long[] shape(long... sizes) {
        return sizes;
    }

    @ParameterizedTest
    @CsvSource({
        "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k, 768, SD1",
        "unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_v, 1024, SD2",
        "lora_unet_input_blocks_4_1_transformer_blocks_1_attn2_to_k, 2048, SDXL",
        "lora_unet_input_blocks_4_1_transformer_blocks_1_attn1_to_k, 640, SDXL or the SDXL refiner",
        "lora_unet_input_blocks_1_1_proj_in, 320, SD1 or SD2",
        "transformer.transformer_blocks.0.attn.to_q, 1536, FLUX or SD3",
        "transformer.single_transformer_blocks.0.attn.to_q, 3072, Flux.1",
        "lora_unet_double_blocks_0_img_attn_qkv, 3072, Flux.1",
        "lora_unet_joint_blocks_0_x_block_attn_qkv, 1536, SD3",
    })
    void theFamilyByNamesAndWidths(String layer, long inputs, String expected) {
        String[] parts =
                layer.contains(".") ? new String[] {"lora_A", "lora_B"} : new String[] {"lora_down", "lora_up"};
        LoraSummary found = summary(
                Map.of(),
                layer + "." + parts[0] + ".weight",
                shape(4, inputs),
                layer + "." + parts[1] + ".weight",
                shape(8, 4));
        assertThat(found.fits()).isEqualTo(expected.replace("FLUX", "Flux.1"));
        assertThat(found.kinds()).containsExactly("LoRA");
        assertThat(found.ranks()).containsExactly(4L);
        assertThat(found.alphas()).isEmpty();
    }

    @Test
    void kindsPartsAlphasAndTriggers() {
        LoraSummary found = summary(
                Map.of(
                        "ss_tag_frequency",
                        "{\"1_cat\": {\"fur\": 3, \"cat\": 7}, \"2_cat\": {\"fur\": 1}}",
                        "ss_base_model_version",
                        "sdxl_base_v1-0"),
                "lora_unet_a_attn1_to_q.hada_w1_a",
                shape(8, 2),
                "lora_unet_a_attn1_to_q.hada_w1_b",
                shape(2, 8),
                "lora_unet_a_attn1_to_q.alpha",
                shape(),
                "lora_unet_a_conv1.lora_down.weight",
                shape(3, 8, 3, 3),
                "lora_unet_a_conv1.dora_scale",
                shape(8, 1, 1, 1),
                "lora_unet_b_ff_net_2.lokr_w1",
                shape(2, 2),
                "lora_te1_text_model_encoder_layers_0_self_attn_q_proj.lora_down.weight",
                shape(3, 8),
                "lora_unet_conv_in.diff",
                shape(8, 4, 3, 3),
                "lora_unet_c.weight",
                shape(8),
                "lora_unet_c.on_input",
                shape());
        assertThat(found.kinds()).containsExactly("(IA)³", "DoRA", "LoCon", "LoHa", "LoKr", "LoRA", "full difference");
        assertThat(found.ranks()).containsExactly(2L, 3L);
        assertThat(found.alphas()).containsExactly(4.0);
        assertThat(found.parts())
                .containsEntry("unet attention", 1)
                .containsEntry("unet convolutions", 2)
                .containsEntry("text_encoder attention", 1);
        assertThat(found.triggers()).containsExactly("cat", "fur");
        assertThat(found.fits()).isEqualTo("SDXL");
    }

    @Test
    void whatHoldsAnythingElseIsNoAdapter() {
        Path file = folder.resolve("other.safetensors");
        Scopes.run(() -> SafetensorsWriter.of(Map.of("conv_in.weight", Ops.zeros(DType.F32, Device.CPU, 2, 2)))
                .write(file));
        assertThat(LoraSummary.of(file)).isNull();
    }
}
