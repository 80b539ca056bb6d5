package dev.latente.pipelines;

import dev.latente.models.clip.ClipTextConfig;
import dev.latente.tensor.Arena;
import dev.latente.text.ClipTokenizer;
import dev.latente.weights.WeightSource;
import dev.latente.weights.inversion.TextualInversion;
import dev.latente.weights.layout.CheckpointFiles;
import dev.latente.weights.lora.Lora;
import dev.latente.weights.lora.LoraFile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/** What is laid over the weights of a checkpoint while it is loaded: LoRAs and learned words. */
final class Adapters implements AutoCloseable {
    private record Scaled(Map<String, Lora> models, double scale) {}

    /** A text encoder that knows the learned words. */
    record Words(ClipTokenizer tokenizer, WeightSource weights, ClipTextConfig config) {}

    private final Arena arena = new Arena();
    private final CheckpointFiles files;
    private final List<Scaled> loras = new ArrayList<>();
    private final List<TextualInversion> inversions = new ArrayList<>();

    Adapters(CheckpointFiles files, LoadOptions options) {
        this.files = files;
        Map<String, Set<String>> models = new LinkedHashMap<>();
        for (String name : List.of("unet", "transformer", "text_encoder", "text_encoder_2")) {
            if (files.has(name)) {
                models.put(name, files.weights(name).keys());
            }
        }
        try {
            options.loras().forEach(l -> loras.add(new Scaled(LoraFile.read(l.file(), models, arena), l.scale())));
            options.embeddings().forEach(e -> inversions.add(TextualInversion.read(e.file(), e.token(), arena)));
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /** The weights of a model with all LoRAs merged. */
    WeightSource weights(String model) {
        WeightSource weights = files.weights(model);
        for (Scaled lora : loras) {
            Lora change = lora.models.get(model);
            weights = change == null ? weights : Lora.withLora(weights, change, lora.scale);
        }
        return weights;
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
