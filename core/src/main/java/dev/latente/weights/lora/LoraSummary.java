package dev.latente.weights.lora;

import dev.latente.weights.TensorFile;
import dev.latente.weights.TensorFiles;
import dev.latente.weights.TensorInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a file of LoRA or one of its relatives is, as far as names, shapes and metadata tell; no model is needed.
 *
 * @param kinds such as LoRA, LoCon, LoHa, LoKr, DoRA
 * @param families the families of checkpoints that it can be for, named as {@link dev.latente.weights.layout.Family} does, sd3
 *     of any version; several where nothing tells
 * @param ranks of its layers, ascending
 * @param alphas of its layers, ascending; empty where each is its rank
 * @param parts number of layers by what they are, such as {@code unet attention}
 * @param triggers words that the prompt should have, as the metadata knows them, the most frequent first
 */
public record LoraSummary(
        Set<String> kinds,
        Set<String> families,
        List<Long> ranks,
        List<Double> alphas,
        Map<String, Integer> parts,
        List<String> triggers) {

    /** Reads it; null if the file holds nothing of the kind, or anything else beside it. */
    public static @Nullable LoraSummary of(Path fileOrFolder) {
        try (TensorFile file = TensorFiles.open(LoraFile.path(fileOrFolder))) {
            return of(file);
        }
    }

    /** As {@link #of(Path)}. */
    public static @Nullable LoraSummary of(TensorFile file) {
        Map<String, LayerParts> layers = new LinkedHashMap<>();
        Map<String, LoraKey> names = new LinkedHashMap<>();
        for (String key : file.keys()) {
            LoraKey name = LoraKey.parse(key);
            if (name == null) {
                return null;
            }
            String layer = name.model() + " " + LayerNames.flat(name.layer());
            names.put(layer, name);
            layers.computeIfAbsent(layer, l -> new LayerParts(file)).add(name.part(), key);
        }
        if (layers.isEmpty()) {
            return null;
        }
        Set<String> kinds = new TreeSet<>();
        Set<Long> ranks = new TreeSet<>();
        Set<Double> alphas = new TreeSet<>();
        Map<String, Integer> parts = new TreeMap<>();
        LoraFamilies families = new LoraFamilies();
        layers.forEach((layer, tensors) -> {
            LoraKey name = names.getOrDefault(layer, new LoraKey("unet", layer, ""));
            kinds.addAll(kinds(file, tensors));
            rank(file, tensors, ranks);
            tensors.alpha().ifPresent(alphas::add);
            parts.merge(name.model() + " " + place(name.layer()), 1, Integer::sum);
            families.see(name, inputs(file, tensors));
        });
        return new LoraSummary(
                kinds,
                families.left(file.metadata()),
                List.copyOf(ranks),
                List.copyOf(alphas),
                parts,
                TriggerWords.of(file.metadata()));
    }

    /** The families in words. */
    public String fits() {
        return String.join(" or ", families.stream().map(LoraSummary::label).toList());
    }

    /** A family as people write it. */
    public static String label(String family) {
        return switch (family) {
            case "sdxl_refiner" -> "the SDXL refiner";
            case "flux" -> "Flux.1";
            case "flux_dev" -> "Flux.1 dev";
            case "flux_schnell" -> "Flux.1 schnell";
            default -> family.toUpperCase(Locale.ROOT);
        };
    }

    private static List<String> kinds(TensorFile file, LayerParts tensors) {
        List<String> kinds = new ArrayList<>();
        if (tensors.has(LoraKey.MAGNITUDE) || tensors.has(LoraKey.DORA_SCALE)) {
            kinds.add("DoRA");
        }
        if (tensors.has("hada_w1_a")) {
            kinds.add("LoHa");
        } else if (tensors.has("lokr_w1") || tensors.has("lokr_w1_a")) {
            kinds.add("LoKr");
        } else if (tensors.has(LoraKey.IA3)) {
            kinds.add("(IA)³");
        } else if (tensors.has(LoraKey.DIFF) || tensors.has(LoraKey.DIFF_BIAS)) {
            kinds.add("full difference");
        } else if (tensors.has(LoraKey.MID) || isConvolution(file, tensors)) {
            kinds.add("LoCon");
        } else {
            kinds.add("LoRA");
        }
        return kinds;
    }

    private static boolean isConvolution(TensorFile file, LayerParts tensors) {
        List<Long> shape = shape(file, tensors, LoraKey.A);
        return shape.size() == 4 && shape.get(2) > 1;
    }

    private static void rank(TensorFile file, LayerParts tensors, Set<Long> ranks) {
        for (String part : List.of(LoraKey.A, "hada_w1_b", "lokr_w2_b", "lokr_w1_b")) {
            List<Long> shape = shape(file, tensors, part);
            if (!shape.isEmpty()) {
                ranks.add(shape.get(0));
                return;
            }
        }
    }

    /** How many numbers the layer reads at each place; 0 where that cannot be told. */
    private static long inputs(TensorFile file, LayerParts tensors) {
        List<Long> down = shape(file, tensors, tensors.has(LoraKey.A) ? LoraKey.A : "hada_w1_b");
        if (down.size() > 1) {
            return down.get(1);
        }
        long first = columns(file, tensors, "lokr_w1");
        return first * columns(file, tensors, "lokr_w2");
    }

    private static long columns(TensorFile file, LayerParts tensors, String factor) {
        List<Long> shape = shape(file, tensors, tensors.has(factor) ? factor : factor + "_b");
        return shape.size() > 1 ? shape.get(1) : 0;
    }

    private static List<Long> shape(TensorFile file, LayerParts tensors, String part) {
        String key = tensors.has(part) ? tensors.key(part) : null;
        TensorInfo info = key == null ? null : file.tensors().get(key);
        return info == null ? List.of() : info.shape();
    }

    private static String place(String layer) {
        String name = LayerNames.flat(layer);
        if (name.matches(".*(attn|attention|transformer_block|encoder_layers|proj_in|proj_out).*")) {
            return name.matches(".*(_ff_|_mlp_|_fc[12]).*") ? "feed-forward" : "attention";
        }
        return name.matches(".*(conv|in_layers|out_layers|resnets|skip|_op).*") ? "convolutions" : "others";
    }
}
