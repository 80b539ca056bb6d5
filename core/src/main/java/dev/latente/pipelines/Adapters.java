package dev.latente.pipelines;

import dev.latente.models.clip.ClipTextConfig;
import dev.latente.tensor.Arena;
import dev.latente.text.ClipTokenizer;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightsException;
import dev.latente.weights.inversion.TextualInversion;
import dev.latente.weights.layout.CheckpointFiles;
import dev.latente.weights.lora.LoraFile;
import dev.latente.weights.lora.LoraSummary;
import dev.latente.weights.lora.WeightChanges;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import org.bytedeco.pytorch.Tensor;

/** What is laid over the weights of a checkpoint: LoRAs and learned words. */
final class Adapters implements AutoCloseable {
    private static final List<String> MODELS =
            List.of("unet", "transformer", "text_encoder", "text_encoder_2", "text_encoder_3");

    /** What one file changes in one model, and how strongly. */
    private record Scaled(WeightChanges changes, ToDoubleFunction<String> scale) {}

    /** A text encoder that knows the learned words. */
    record Words(ClipTokenizer tokenizer, WeightSource weights, ClipTextConfig config) {}

    private final Arena arena = new Arena();
    private final CheckpointFiles files;
    private final Map<String, List<Scaled>> loras = new LinkedHashMap<>();
    private final List<TextualInversion> inversions = new ArrayList<>();

    /**
     * Reads them.
     *
     * @throws WeightsException if one is broken, or for another family of checkpoints
     */
    Adapters(CheckpointFiles files, List<LoadOptions.ScaledLora> loras, List<LoadOptions.NamedEmbedding> embeddings) {
        this.files = files;
        try {
            loras.forEach(this::read);
            embeddings.forEach(
                    e -> inversions.add(fitting(TextualInversion.read(e.file(), e.token(), arena), e.file())));
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    private void read(LoadOptions.ScaledLora lora) {
        Map<String, Set<String>> models = new LinkedHashMap<>();
        MODELS.stream()
                .filter(files::has)
                .forEach(name -> models.put(name, files.weights(name).keys()));
        try {
            LoraFile.read(lora.file(), models, arena).forEach((model, changes) -> {
                requireFit(lora.file(), model, changes);
                ToDoubleFunction<String> scale = lora.scale().of(model, models.getOrDefault(model, Set.of()));
                loras.computeIfAbsent(model, m -> new ArrayList<>()).add(new Scaled(changes, scale));
            });
        } catch (WeightsException e) {
            requireFamily(lora.file());
            throw e;
        }
    }

    private void requireFit(Path file, String model, WeightChanges changes) {
        Map<String, List<Long>> shapes = files.shapes(model);
        changes.layers().forEach((key, change) -> {
            List<Long> shape = shapes.get(key);
            if (shape == null) {
                throw new WeightsException(file, key, "changes a weight that the %s does not have".formatted(model));
            }
            try {
                change.requireFit(shape.stream().mapToLong(Long::longValue).toArray());
            } catch (IllegalArgumentException e) {
                throw new WeightsException(file, key, String.valueOf(e.getMessage()), e);
            }
        });
    }

    /** What does not fit because it is for another family says so, and not which of its tensors is wrong. */
    private void requireFamily(Path file) {
        LoraSummary lora = LoraSummary.of(file);
        if (lora != null && !lora.families().contains(files.family().ofAdapters())) {
            throw new WeightsException(
                    file,
                    null,
                    "is a LoRA for %s, the checkpoint [%s] is %s: give a LoRA for it, or a checkpoint of the LoRA's family"
                            .formatted(
                                    lora.fits(),
                                    files,
                                    LoraSummary.label(files.family().toString())));
        }
    }

    /** The word with each vector at the text encoder of its width: a file of one vector does not say for which of two it is. */
    private TextualInversion fitting(TextualInversion word, Path file) {
        Tensor first = word.vectors().get("text_encoder");
        long alone = first == null || word.vectors().size() > 1 ? 0 : first.size(1);
        boolean second = alone > 0 && width("text_encoder") != alone && width("text_encoder_2") == alone;
        TextualInversion moved = second ? word.movedTo("text_encoder_2") : word;
        moved.vectors().forEach((encoder, vectors) -> {
            if (encoder.equals("text_encoder_2") && !files.has(encoder)) {
                throw new WeightsException(
                        file,
                        null,
                        "is a word for two text encoders (SDXL), the checkpoint [%s] has one: give a word for %s"
                                .formatted(
                                        files, LoraSummary.label(files.family().toString())));
            }
            if (files.has(encoder) && vectors.size(1) != width(encoder)) {
                throw new WeightsException(
                        file,
                        null,
                        "has vectors of %d numbers, the %s of [%s] wants %d: give a word that was learned for %s"
                                .formatted(
                                        vectors.size(1),
                                        encoder,
                                        files,
                                        width(encoder),
                                        LoraSummary.label(files.family().toString())));
            }
        });
        return moved;
    }

    /** How many numbers a token has in a text encoder; 0 if there is none. */
    private long width(String encoder) {
        return files.has(encoder) ? files.config(encoder).path("hidden_size").asLong(0) : 0;
    }

    /** The names of a model's weights that are changed. */
    Set<String> changed(String model) {
        Set<String> names = new TreeSet<>();
        loras.getOrDefault(model, List.of())
                .forEach(lora -> lora.changes.layers().keySet().stream()
                        .filter(key -> lora.scale.applyAsDouble(key) != 0)
                        .forEach(names::add));
        return names;
    }

    /** The weights of a model with all LoRAs merged, one after the other. */
    WeightSource over(String model, WeightSource weights) {
        WeightSource merged = weights;
        for (Scaled lora : loras.getOrDefault(model, List.of())) {
            merged = lora.changes.over(merged, lora.scale);
        }
        return merged;
    }

    /** The weights of a model of the checkpoint with all LoRAs merged. */
    WeightSource weights(String model) {
        return over(model, files.weights(model));
    }

    /** A text encoder with all LoRAs merged and the learned words behind the tokens of its tokenizer. */
    Words words(String encoder, ClipTokenizer tokenizer, ClipTextConfig config) {
        Words words = new Words(tokenizer, weights(encoder), config);
        for (TextualInversion inversion : inversions) {
            Tensor vectors = inversion.vectors().get(encoder);
            words = vectors == null ? words : with(words, inversion.token(), vectors);
        }
        return words;
    }

    private static Words with(Words words, String token, Tensor vectors) {
        int count = (int) vectors.size(0);
        ClipTokenizer tokenizer = words.tokenizer.withWord(token, count);
        long first = tokenizer.id(token);
        long before = words.config.vocabulary();
        return new Words(
                tokenizer,
                TextualInversion.withVectors(words.weights, before, first, vectors),
                words.config.withVocabulary(Math.max(before, first + count)));
    }

    @Override
    public void close() {
        arena.close();
    }
}
