package dev.latente.weights.lora;

import dev.latente.tensor.Arena;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.weights.TensorFile;
import dev.latente.weights.TensorFiles;
import dev.latente.weights.WeightsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Reads LoRA files: those of diffusers and peft ({@code unet.….lora_A.weight}), with their metadata, their older forms
 * ({@code .lora.down}, {@code .processor.to_q_lora.down}), and those of kohya's scripts ({@code lora_unet_….lora_down.weight}
 * with {@code .alpha}), in the names of diffusers or of the original code.
 */
public final class LoraFile {
    private static final String FOLDER_FILE = "pytorch_lora_weights.safetensors";

    private static final Pattern KEY = Pattern.compile(
            "(.+?)(_lora|\\.lora|\\.lora_linear_layer)?\\.(lora_A|lora_B|lora_down|lora_up|down|up|alpha)(\\.weight)?");

    /** How names begin, and the model that it means; a name without a beginning is one of the U-Net. */
    private static final String[][] MODELS = {
        {"lora_unet_", "unet"},
        {"lora_te1_", "text_encoder"},
        {"lora_te2_", "text_encoder_2"},
        {"lora_te_", "text_encoder"},
        {"unet.", "unet"},
        {"transformer.", "transformer"},
        {"text_encoder.", "text_encoder"},
        {"text_encoder_2.", "text_encoder_2"},
        {"diffusion_model.", "unet"},
        {"", "unet"},
    };

    private enum Part {
        A,
        B,
        ALPHA;

        static Part of(String name) {
            return switch (name) {
                case "lora_A", "lora_down", "down" -> A;
                case "lora_B", "lora_up", "up" -> B;
                default -> ALPHA;
            };
        }
    }

    /** The layer of a model, by the name of its weight. */
    private record Layer(String model, String weight) {}

    private final TensorFile file;
    private final Map<String, LayerNames> names = new LinkedHashMap<>();
    private final Map<Layer, Map<Part, String>> layers = new LinkedHashMap<>();

    private LoraFile(TensorFile file, Map<String, Set<String>> models) {
        this.file = file;
        models.forEach((model, keys) -> names.put(model, new LayerNames(model, keys)));
    }

    /**
     * Reads what a file changes in the models of a checkpoint.
     *
     * @param file safetensors or a torch file, or a folder with {@code pytorch_lora_weights.safetensors}
     * @param models the names of the weights of unet, text_encoder and text_encoder_2, of those that there are
     * @param arena that is to own the tensors
     * @return by model; a model that is not changed is left out
     * @throws WeightsException if the file holds a tensor that belongs to no layer, or lacks one
     */
    public static Map<String, Lora> read(Path file, Map<String, Set<String>> models, Arena arena) {
        Path path = Files.isDirectory(file) ? file.resolve(FOLDER_FILE) : file;
        try (TensorFile tensors = TensorFiles.open(path)) {
            return new LoraFile(tensors, models).read(arena);
        }
    }

    private Map<String, Lora> read(Arena arena) {
        List<String> left = file.keys().stream().filter(key -> !place(key)).toList();
        if (!left.isEmpty() || layers.isEmpty()) {
            throw new WeightsException(
                    file.path(),
                    null,
                    "%d of %d tensors are no LoRA of a layer of %s: %s"
                            .formatted(left.size(), file.keys().size(), names.keySet(), some(left)));
        }
        PeftMetadata metadata = PeftMetadata.of(file);
        Map<String, Map<String, LowRank>> models = new LinkedHashMap<>();
        layers.forEach((layer, keys) -> models.computeIfAbsent(layer.model, m -> new LinkedHashMap<>())
                .put(layer.weight, lowRank(layer, keys, metadata, arena)));
        Map<String, Lora> loras = new LinkedHashMap<>();
        models.forEach((model, changes) -> loras.put(model, new Lora(changes)));
        return loras;
    }

    /** Notes where a tensor belongs; false if it belongs nowhere. */
    private boolean place(String key) {
        Matcher m = KEY.matcher(key);
        Layer layer = m.matches() ? layer(m.group(1).replace(".processor.", ".")) : null;
        if (layer == null) {
            return false;
        }
        String before =
                layers.computeIfAbsent(layer, l -> new EnumMap<>(Part.class)).put(Part.of(m.group(3)), key);
        if (before != null) {
            throw new WeightsException(file.path(), key, "is the same as [%s]".formatted(before));
        }
        return true;
    }

    private @Nullable Layer layer(String path) {
        for (String[] model : MODELS) {
            LayerNames layers = names.get(model[1]);
            if (path.startsWith(model[0]) && layers != null) {
                String weight = layers.weight(path.substring(model[0].length()));
                return weight == null ? null : new Layer(model[1], weight);
            }
        }
        return null;
    }

    private LowRank lowRank(Layer layer, Map<Part, String> keys, PeftMetadata metadata, Arena arena) {
        String a = keys.get(Part.A);
        String b = keys.get(Part.B);
        String alphaKey = keys.get(Part.ALPHA);
        if (a == null || b == null) {
            String there = keys.values().iterator().next();
            throw new WeightsException(file.path(), there, "has no other half: wanted A (down) and B (up)");
        }
        Tensor down = arena.own(() -> file.tensor(a));
        Tensor up = arena.own(() -> file.tensor(b));
        double alpha = alphaKey == null
                ? metadata.alpha(layer.model, LoraTargets.module(layer.weight), (double) down.size(0))
                : Scopes.within(() -> Ops.doubles(file.tensor(alphaKey))[0]);
        try {
            return new LowRank(down, up, alpha);
        } catch (IllegalArgumentException e) {
            throw new WeightsException(file.path(), a, String.valueOf(e.getMessage()), e);
        }
    }

    /** The first few of many names. */
    static String some(List<String> names) {
        String text = names.stream().limit(5).map("[%s]"::formatted).collect(Collectors.joining(", "));
        return names.size() > 5 ? text + ", …" : text;
    }
}
