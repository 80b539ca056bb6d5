package dev.latente.pipelines;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import dev.latente.weights.SafetensorsWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** LoRAs by the names of the original code, in which several layers are one, draw what the same draw by those of diffusers. */
class FluxLoraTest {
    private static final Request REQUEST =
            Request.of("a castle").withSize(24, 32).withSteps(2);

    /**
     * A layer of the original code and those that it is of in diffusers.
     *
     * @param rows outputs of each
     */
    private record Layer(String kohya, long inputs, List<String> diffusers, List<Long> rows) {}

    private static final List<Layer> LAYERS = List.of(
            new Layer(
                    "lora_unet_double_blocks_0_img_attn_qkv",
                    16,
                    List.of(
                            "transformer_blocks.0.attn.to_q",
                            "transformer_blocks.0.attn.to_k",
                            "transformer_blocks.0.attn.to_v"),
                    List.of(16L, 16L, 16L)),
            new Layer(
                    "lora_unet_double_blocks_0_txt_mlp_2",
                    64,
                    List.of("transformer_blocks.0.ff_context.net.2"),
                    List.of(16L)),
            new Layer(
                    "lora_unet_single_blocks_1_linear1",
                    16,
                    List.of(
                            "single_transformer_blocks.1.attn.to_q",
                            "single_transformer_blocks.1.attn.to_k",
                            "single_transformer_blocks.1.attn.to_v",
                            "single_transformer_blocks.1.proj_mlp"),
                    List.of(16L, 16L, 16L, 64L)),
            new Layer(
                    "lora_unet_single_blocks_0_linear2",
                    80,
                    List.of("single_transformer_blocks.0.proj_out"),
                    List.of(16L)));

    @Test
    void fusedLayersAreParted(@TempDir Path temp) {
        Path folder = TinyFlux.dev(temp.resolve("flux"));
        Path kohya = temp.resolve("kohya.safetensors");
        Path diffusers = temp.resolve("diffusers.safetensors");
        Scopes.run(() -> {
            Map<String, Tensor> fused = new LinkedHashMap<>();
            Map<String, Tensor> parted = new LinkedHashMap<>();
            try (Rng rng = new Rng(1)) {
                for (Layer layer : LAYERS) {
                    Tensor a = rng.normal(2, layer.inputs);
                    Tensor b = rng.normal(
                            layer.rows.stream().mapToLong(Long::longValue).sum(), 2);
                    fused.put(layer.kohya + ".lora_down.weight", a);
                    fused.put(layer.kohya + ".lora_up.weight", b);
                    long first = 0;
                    for (int i = 0; i < layer.diffusers.size(); i++) {
                        String name = "transformer." + layer.diffusers.get(i);
                        parted.put(name + ".lora_A.weight", a);
                        parted.put(
                                name + ".lora_B.weight",
                                b.narrow(0, first, layer.rows.get(i)).contiguous());
                        first += layer.rows.get(i);
                    }
                }
                Tensor a = rng.normal(2, 32);
                Tensor b = rng.normal(32, 2);
                fused.put("lora_te3_encoder_block_1_layer_0_SelfAttention_o.lora_down.weight", a);
                fused.put("lora_te3_encoder_block_1_layer_0_SelfAttention_o.lora_up.weight", b);
                parted.put("text_encoder_3.encoder.block.1.layer.0.SelfAttention.o.lora_A.weight", a);
                parted.put("text_encoder_3.encoder.block.1.layer.0.SelfAttention.o.lora_B.weight", b);
            }
            fused.put("lora_unet_double_blocks_0_img_attn_qkv.alpha", Ops.of(new double[] {2}, 1)); // the rank
            SafetensorsWriter.of(fused).write(kohya);
            SafetensorsWriter.of(parted).write(diffusers);
        });
        assertThat(draw(folder, LoadOptions.DEFAULT.withLora(kohya, 0.5)))
                .isEqualTo(draw(folder, LoadOptions.DEFAULT.withLora(diffusers, 0.5)))
                .isNotEqualTo(draw(folder, LoadOptions.DEFAULT));
    }

    private static byte[] draw(Path model, LoadOptions options) {
        try (Checkpoint checkpoint = Checkpoint.load(model, options)) {
            return new TextToImage(checkpoint).generate(REQUEST).get(0).data();
        }
    }
}
