package dev.latente.weights.lora;

import dev.latente.tensor.Arena;
import dev.latente.weights.TensorFile;
import dev.latente.weights.TensorFiles;
import dev.latente.weights.WeightsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads files of LoRA and its relatives: those of diffusers and peft ({@code unet.….lora_A.weight}), with their metadata,
 * their older forms ({@code .lora.down}, {@code .processor.to_q_lora.down}), and those of kohya's scripts and LyCORIS
 * ({@code lora_unet_….lora_down.weight}, {@code .hada_w1_a}, {@code .lokr_w1}, {@code .dora_scale}, with {@code .alpha}), in
 * the names of diffusers or of the original code.
 */
public final class LoraFile {
    private static final String FOLDER_FILE = "pytorch_lora_weights.safetensors";

    /** The layer of a model, by its weights. */
    private record Layer(String model, List<LayerNames.Target> targets) {
        /** In the names of diffusers; of several fused ones the first. */
        String module() {
            return LoraTargets.module(targets.get(0).weight());
        }
    }

    private final TensorFile file;
    private final Map<String, LayerNames> names = new LinkedHashMap<>();
    private final Map<Layer, LayerParts> layers = new LinkedHashMap<>();

    private LoraFile(TensorFile file, Map<String, Set<String>> models) {
        this.file = file;
        models.forEach((model, keys) -> names.put(model, new LayerNames(model, keys)));
    }

    /**
     * Reads what a file changes in the models of a checkpoint.
     *
     * @param file safetensors or a torch file, or a folder with {@code pytorch_lora_weights.safetensors}
     * @param models the names of the weights of unet, transformer, text_encoder, …, of those that there are
     * @param arena that is to own the tensors
     * @return by model; a model that is not changed is left out
     * @throws WeightsException if the file holds a tensor that belongs to no layer, or lacks one
     */
    public static Map<String, WeightChanges> read(Path file, Map<String, Set<String>> models, Arena arena) {
        try (TensorFile tensors = TensorFiles.open(path(file))) {
            return new LoraFile(tensors, models).read(arena);
        }
    }

    /** The file itself, or the one in the folder. */
    static Path path(Path fileOrFolder) {
        return Files.isDirectory(fileOrFolder) ? fileOrFolder.resolve(FOLDER_FILE) : fileOrFolder;
    }

    private Map<String, WeightChanges> read(Arena arena) {
        List<String> left =
                new ArrayList<>(file.keys().stream().filter(key -> !place(key)).toList());
        layers.values().stream()
                .filter(parts -> parts.has(LoraKey.IA3) && !parts.has(LoraKey.ON_INPUT))
                .forEach(parts -> left.addAll(parts.keys()));
        if (!left.isEmpty() || layers.isEmpty()) {
            throw new WeightsException(
                    file.path(),
                    null,
                    "%d of %d tensors are no LoRA of a layer of %s: %s"
                            .formatted(left.size(), file.keys().size(), names.keySet(), some(left)));
        }
        PeftMetadata metadata = PeftMetadata.of(file);
        Map<String, Map<String, Change>> models = new LinkedHashMap<>();
        layers.forEach((layer, parts) -> {
            Map<String, Change> changes = models.computeIfAbsent(layer.model, m -> new LinkedHashMap<>());
            Change weight = parts.weight(rank -> metadata.alpha(layer.model, layer.module(), (double) rank), arena);
            Change bias = parts.bias(arena);
            for (LayerNames.Target target : layer.targets) {
                put(changes, target.weight(), part(weight, target, parts, arena), parts);
                put(changes, LoraTargets.module(target.weight()) + ".bias", part(bias, target, parts, arena), parts);
            }
        });
        Map<String, WeightChanges> all = new LinkedHashMap<>();
        models.forEach((model, changes) -> all.put(model, new WeightChanges(changes)));
        return all;
    }

    private void put(Map<String, Change> changes, String name, @Nullable Change change, LayerParts parts) {
        if (change != null && changes.put(name, change) != null) {
            throw new WeightsException(
                    file.path(), parts.first(), "changes [%s], which another layer changes, too".formatted(name));
        }
    }

    /** What of a layer's change is that of one of its weights. */
    private @Nullable Change part(@Nullable Change change, LayerNames.Target target, LayerParts parts, Arena arena) {
        try {
            return change == null || target.rows() == null ? change : change.rows(target.rows(), arena);
        } catch (IllegalArgumentException e) {
            throw new WeightsException(file.path(), parts.first(), String.valueOf(e.getMessage()), e);
        }
    }

    /** Notes where a tensor belongs; false if it belongs nowhere. */
    private boolean place(String key) {
        LoraKey name = LoraKey.parse(key);
        Layer layer = name == null ? null : layer(name);
        if (name == null || layer == null) {
            return false;
        }
        layers.computeIfAbsent(layer, l -> new LayerParts(file)).add(name.part(), key);
        return true;
    }

    private @Nullable Layer layer(LoraKey key) {
        // Kohya's scripts say unet of a transformer, too.
        String model = key.model().equals("unet") && !names.containsKey("unet") ? "transformer" : key.model();
        LayerNames layers = names.get(model);
        List<LayerNames.Target> targets = layers == null ? List.of() : layers.weights(key.layer());
        return targets.isEmpty() ? null : new Layer(model, targets);
    }

    /** The first few of many names. */
    static String some(List<String> names) {
        String text = names.stream().limit(5).map("[%s]"::formatted).collect(Collectors.joining(", "));
        return names.size() > 5 ? text + ", …" : text;
    }
}
