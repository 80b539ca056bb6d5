package dev.latente.weights.layout;

import dev.latente.weights.Json;
import dev.latente.weights.TensorFile;
import dev.latente.weights.WeightsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** One model of a diffusers folder: {@code config.json} beside its weights, whole or in shards. */
final class DiffusersFolder {
    private static final List<String> STEMS = List.of("diffusion_pytorch_model", "model", "pytorch_model");
    private static final List<String> ENDINGS = List.of("safetensors", "bin");

    private final Path folder;
    private final @Nullable String variant;

    DiffusersFolder(Path folder, @Nullable String variant) {
        this.folder = folder;
        this.variant = variant;
    }

    JsonNode config() {
        return Json.read(folder.resolve("config.json"));
    }

    /** The weights in an opened file; what they leave out is added to {@code ignored}. */
    ComponentWeights weights(TensorFile file, List<Ignored> ignored) {
        KeyMap map = layout(config()).keys(file.keys());
        ComponentWeights weights = new ComponentWeights(file.path());
        List<Ignored.Rule> rules = Ignored.rules(file.keys());
        for (String key : file.keys()) {
            String reason = Ignored.reason(rules, key);
            KeyMap.Place place = map.ofStored(key);
            if (reason != null) {
                ignored.add(new Ignored(key, reason));
            } else if (place == null) {
                throw new WeightsException(file.path(), key, "is no weight of this model");
            } else {
                weights.add(file, key, place);
            }
        }
        return weights;
    }

    private static Layout layout(JsonNode config) {
        String type =
                config.path("_class_name").asString(config.path("model_type").asString(""));
        return switch (type) {
            case "AutoencoderKL" -> Layout.DIFFUSERS_VAE;
            case "clip_text_model", "clip" -> Layout.CLIP;
            default -> Layout.DIFFUSERS;
        };
    }

    /** Whether there are a configuration and weights of the variant, or of none where there is no variant. */
    boolean isThere() {
        return Files.isRegularFile(folder.resolve("config.json"))
                && !candidates().isEmpty();
    }

    /** Whether the variant that was asked for is there. */
    boolean hasVariant() {
        return variant != null
                && candidates().stream()
                        .anyMatch(p -> p.getFileName().toString().contains("." + variant));
    }

    /** The file or the index of shards to open. */
    Path file() {
        List<Path> candidates = candidates();
        if (candidates.isEmpty()) {
            String wanted = STEMS.get(0) + (variant == null ? "" : "." + variant) + ".safetensors";
            throw new WeightsException(folder, null, "has no weights such as [%s]".formatted(wanted));
        }
        return candidates.get(0);
    }

    /** Weight files and indexes that are there, the best first. */
    private List<Path> candidates() {
        List<String> names = new ArrayList<>();
        for (String v : variant == null ? List.of("") : List.of("." + variant, "")) {
            for (String ending : ENDINGS) {
                for (String stem : STEMS) {
                    names.add(stem + v + "." + ending);
                    names.add("%s.%s.index%s.json".formatted(stem, ending, v));
                    names.add("%s%s.%s.index.json".formatted(stem, v, ending));
                }
            }
        }
        return names.stream().map(folder::resolve).filter(Files::isRegularFile).toList();
    }
}
