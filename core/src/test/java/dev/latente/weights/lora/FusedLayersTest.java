package dev.latente.weights.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.golden.GoldenCase;
import dev.latente.tensor.Arena;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import dev.latente.weights.SafetensorsWriter;
import dev.latente.weights.WeightsException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Adapters in the names of Stable Diffusion 3's original code, whose layers are several of ours or have their outputs in
 * another order: what is merged is the whole change, cut as the weights are.
 */
class FusedLayersTest {
    private static final String QKV = "lora_unet_joint_blocks_0_x_block_attn_qkv";
    private static final String ATTENTION = "transformer_blocks.0.attn.";
    private static final List<String> PARTS =
            List.of(ATTENTION + "to_q.weight", ATTENTION + "to_k.weight", ATTENTION + "to_v.weight");

    /** The last block's text is only scaled and shifted, and so are the tokens at the end. */
    private static final Map<String, String> SWAPPED = Map.of(
            "lora_unet_joint_blocks_1_context_block_adaLN_modulation_1",
            "transformer_blocks.1.norm1_context.linear.weight",
            "lora_unet_final_layer_adaLN_modulation_1",
            "norm_out.linear.weight");

    private static final Map<String, Set<String>> MODELS = Map.of(
            "transformer",
            Set.of(
                    PARTS.get(0),
                    PARTS.get(1),
                    PARTS.get(2),
                    ATTENTION + "add_q_proj.weight",
                    ATTENTION + "add_k_proj.weight",
                    ATTENTION + "add_v_proj.weight",
                    ATTENTION + "to_out.0.weight",
                    "transformer_blocks.0.norm1_context.linear.weight",
                    "transformer_blocks.1.norm1_context.linear.weight",
                    "norm_out.linear.weight"));

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    private final Arena arena = new Arena();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private int seed;

    @AfterEach
    void free() {
        arena.close();
    }

    private Tensor random(long... shape) {
        seed++;
        return arena.own(() -> {
            try (Rng rng = new Rng(seed)) {
                return rng.normal(shape);
            }
        });
    }

    private Tensor add(String layer, String part, long... shape) {
        Tensor x = random(shape);
        tensors.put(layer + "." + part, x);
        return x;
    }

    private Map<String, Change> read() {
        Path file = folder.resolve("lora.safetensors");
        SafetensorsWriter.of(tensors).write(file);
        return Objects.requireNonNull(LoraFile.read(file, MODELS, arena).get("transformer"))
                .layers();
    }

    /** Merges each of the parts, and the whole at once, and compares. */
    private void assertParted(Change whole, List<String> parts, long each) {
        Map<String, Change> got = read();
        assertThat(got.keySet()).containsExactlyInAnyOrderElementsOf(parts);
        Tensor weight = random(parts.size() * each, 4);
        Scopes.run(() -> {
            Tensor expected = whole.mergedInto(weight, 0.7);
            for (int i = 0; i < parts.size(); i++) {
                Change change = Objects.requireNonNull(got.get(parts.get(i)));
                change.requireFit(each, 4);
                Tensor merged = change.mergedInto(weight.narrow(0, i * each, each), 0.7);
                GoldenCase.assertClose(parts.get(i), merged, expected.narrow(0, i * each, each), 1e-6, 1e-6);
            }
        });
    }

    @Test
    void queriesKeysAndValuesArePartsOfOneLayer() {
        Tensor down = add(QKV, "lora_down.weight", 2, 4);
        Tensor up = add(QKV, "lora_up.weight", 9, 2);
        tensors.put(QKV + ".alpha", arena.own(() -> Ops.of(new double[] {1}, 1).reshape()));
        assertParted(new LowRank(down, up, 1), PARTS, 3);
        assertThat(read().values()).allMatch(LowRank.class::isInstance);
    }

    @Test
    void soAreThoseOfTheText() {
        Tensor down = add("diffusion_model.joint_blocks.0.context_block.attn.qkv", "lora_A.weight", 2, 4);
        Tensor up = add("diffusion_model.joint_blocks.0.context_block.attn.qkv", "lora_B.weight", 9, 2);
        assertParted(
                new LowRank(down, up, 2),
                List.of(
                        ATTENTION + "add_q_proj.weight",
                        ATTENTION + "add_k_proj.weight",
                        ATTENTION + "add_v_proj.weight"),
                3);
    }

    @Test
    void relativesArePartedToo() {
        Tensor a = add(QKV, "hada_w1_a", 9, 2);
        Tensor b = add(QKV, "hada_w1_b", 2, 4);
        Tensor c = add(QKV, "hada_w2_a", 9, 2);
        Tensor d = add(QKV, "hada_w2_b", 2, 4);
        Change.Delta loha = new Hadamard(List.of(new Factor(a, b, null), new Factor(c, d, null)), 1);
        assertParted(loha, PARTS, 3);
        assertParted(new Decomposed(loha, add(QKV, "dora_scale", 9, 1), false), PARTS, 3);

        tensors.clear();
        assertParted(new Difference(add(QKV, "diff", 9, 4), 1), PARTS, 3);
        Map<String, Change> biased = new LinkedHashMap<>();
        Tensor bias = add(QKV, "diff_b", 9);
        biased.putAll(read());
        Change ofKeys = Objects.requireNonNull(biased.get(ATTENTION + "to_k.bias"));
        Scopes.run(() -> assertThat(Ops.floats(ofKeys.mergedInto(Ops.mul(bias.narrow(0, 3, 3), 0), 1)))
                .containsExactly(Ops.floats(bias.narrow(0, 3, 3))));
    }

    @Test
    void scalesAndShiftsChangePlaces() {
        SWAPPED.forEach((stored, weight) -> {
            tensors.clear();
            Tensor down = add(stored, "lora_down.weight", 2, 4);
            Tensor up = add(stored, "lora_up.weight", 6, 2);
            Change change = Objects.requireNonNull(read().get(weight));
            Scopes.run(() -> {
                Tensor zeros = Ops.mul(random(6, 4), 0);
                Tensor product = up.mm(down);
                GoldenCase.assertClose(
                        weight,
                        change.mergedInto(zeros, 1),
                        Ops.cat(0, product.narrow(0, 3, 3), product.narrow(0, 0, 3)),
                        1e-6,
                        1e-6);
            });
        });
        // That of a block whose text goes on has six parts, in the same order.
        tensors.clear();
        Tensor up = add("lora_unet_joint_blocks_0_context_block_adaLN_modulation_1", "lora_up.weight", 6, 2);
        add("lora_unet_joint_blocks_0_context_block_adaLN_modulation_1", "lora_down.weight", 2, 4);
        LowRank same = (LowRank) Objects.requireNonNull(read().get("transformer_blocks.0.norm1_context.linear.weight"));
        assertThat(Ops.floats(same.b())).containsExactly(Ops.floats(up));
    }

    @Test
    void whatCannotBePartedIsRefused() {
        add(QKV, "lora_down.weight", 2, 4);
        add(QKV, "lora_up.weight", 9, 2);
        add(QKV, "dora_scale", 1, 4);
        assertThatThrownBy(this::read)
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("has magnitudes of inputs");
        tensors.remove(QKV + ".dora_scale");
        add("lora_unet_transformer_blocks_0_attn_to_k", "lora_down.weight", 2, 4);
        add("lora_unet_transformer_blocks_0_attn_to_k", "lora_up.weight", 3, 2);
        assertThatThrownBy(this::read)
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining(
                        "changes [transformer_blocks.0.attn.to_k.weight], which another layer changes, too");
    }
}
