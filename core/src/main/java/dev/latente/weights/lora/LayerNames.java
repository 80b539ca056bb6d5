package dev.latente.weights.lora;

import dev.latente.weights.layout.OriginalNames;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Finds the weights of a model by what LoRA files call its layers: the path with dots or, as kohya's scripts write it, with
 * underscores, in the names of diffusers or in those of the original code. Without dots a path cannot be read, but those of
 * the model at hand can be written that way and looked up.
 */
final class LayerNames {
    /** What old files call a layer: replacements in its name of today. */
    private static final String[][] OLD = {
        {"\\.to_out\\.0$", ".to_out"},
        {"\\.self_attn\\.([qkv])_proj$", ".self_attn.to_$1"},
        {"\\.self_attn\\.out_proj$", ".self_attn.to_out"},
        {"^text_model\\.", ""},
    };

    private static final Pattern BLOCK = Pattern.compile("(input|middle|output)_blocks?\\.(\\d+)\\..*");

    /**
     * A weight that a layer changes.
     *
     * @param rows of the layer's outputs that belong to it, in its order; null for all
     */
    record Target(String weight, @Nullable UnaryOperator<Tensor> rows) {}

    private final Map<String, List<Target>> weights = new HashMap<>();

    /** Of the original code, whose layers may be several at once. */
    private final Map<String, List<Target>> originals = new HashMap<>();

    /**
     * @param model unet, transformer, text_encoder, …
     * @param keys the canonical names of its weights
     */
    LayerNames(String model, Set<String> keys) {
        Map<String, String> original = model.equals("unet") ? OriginalNames.unet(keys) : Map.of();
        for (String key : keys) {
            if (key.endsWith(".weight")) {
                put(key, key);
                put(original.getOrDefault(key, key), key);
                for (String[] old : OLD) {
                    put(LoraTargets.module(key).replaceFirst(old[0], old[1]) + ".weight", key);
                }
            }
        }
        if (model.equals("transformer")) {
            OriginalNames.transformer(keys).forEach((key, there) -> {
                if (key.endsWith(".weight")) {
                    originals
                            .computeIfAbsent(flat(LoraTargets.module(there.name())), n -> new ArrayList<>())
                            .add(new Target(key, there.rows()));
                }
            });
        }
    }

    private void put(String name, String key) {
        weights.putIfAbsent(flat(LoraTargets.module(name)), List.of(new Target(key, null)));
    }

    /** The weights of a layer: several where it is fused; empty if the model has none of that name. */
    List<Target> weights(String layer) {
        String name = flat(layer);
        return weights.getOrDefault(name, originals.getOrDefault(name, List.of()));
    }

    /**
     * The blocks of a U-Net by weight, counted as the original code has them: IN00 to OUT11 and M00. What lies in none is left
     * out.
     */
    static Map<String, String> blocks(Set<String> keys) {
        Map<String, String> blocks = new HashMap<>();
        OriginalNames.unet(keys).forEach((key, original) -> {
            Matcher m = BLOCK.matcher(original);
            if (m.matches()) {
                String kind = m.group(1);
                blocks.put(
                        key,
                        kind.equals("middle")
                                ? "M00"
                                : (kind.equals("input") ? "IN" : "OUT")
                                        + "%02d".formatted(Integer.parseInt(m.group(2))));
            }
        });
        return blocks;
    }

    static String flat(String path) {
        return path.replace('.', '_');
    }
}
