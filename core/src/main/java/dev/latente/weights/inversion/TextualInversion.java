package dev.latente.weights.inversion;

import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import dev.latente.weights.Quantized;
import dev.latente.weights.SafetensorsWriter;
import dev.latente.weights.TensorFile;
import dev.latente.weights.TensorFiles;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightsException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A new word of the prompt and its vectors (Gal et al. 2022, "An Image is Worth One Word"). A word of several vectors is
 * several tokens: {@code word}, {@code word_1}, {@code word_2}, ….
 *
 * @param token the word, such as {@code <cat-toy>}
 * @param vectors [n,d] by text encoder: text_encoder, text_encoder_2
 */
public record TextualInversion(String token, Map<String, Tensor> vectors) {
    private static final String TABLE = "text_model.embeddings.token_embedding.weight";

    /** What the vectors are called that have no word for a name, and the text encoder that they are for. */
    private static final Map<String, String> UNNAMED = Map.of(
            "*", "text_encoder", "emb_params", "text_encoder", "clip_l", "text_encoder", "clip_g", "text_encoder_2");

    public TextualInversion {
        vectors = Collections.unmodifiableMap(new LinkedHashMap<>(vectors));
        if (token.isBlank()) {
            throw new IllegalArgumentException("textual inversion: the word is blank");
        }
    }

    /**
     * Reads {@code learned_embeds.safetensors} or {@code .bin} of diffusers (the word is the tensor's name), AUTOMATIC1111's
     * {@code .pt} ({@code string_to_param}) and {@code .safetensors} ({@code emb_params}), or SDXL's {@code clip_l} and
     * {@code clip_g}.
     *
     * @param token the word; null for the one in the file, or else the file's name without its ending
     * @param arena that is to own the vectors
     * @throws WeightsException if it is none of these
     */
    public static TextualInversion read(Path path, @Nullable String token, Arena arena) {
        try (TensorFile file = TensorFiles.open(path)) {
            Set<String> keys = file.keys();
            boolean unnamed = UNNAMED.keySet().containsAll(keys);
            if (!unnamed && keys.size() != 1) {
                throw new WeightsException(
                        path, null, "holds %d tensors, wanted the vectors of one word".formatted(keys.size()));
            }
            Map<String, Tensor> vectors = new LinkedHashMap<>();
            for (String key : keys) {
                vectors.put(UNNAMED.getOrDefault(key, "text_encoder"), arena.own(() -> rows(file, key)));
            }
            String stem = String.valueOf(path.getFileName()).replaceFirst("\\.[^.]*$", "");
            String named = unnamed
                    ? file.metadata().getOrDefault("name", stem)
                    : keys.iterator().next();
            return new TextualInversion(token == null ? named : token, vectors);
        }
    }

    /** [d] or [n,d] -> [n,d]. */
    private static Tensor rows(TensorFile file, String key) {
        Tensor x = file.tensor(key);
        if (x.dim() < 1 || x.dim() > 2 || x.numel() == 0) {
            throw new WeightsException(
                    file.path(), key, "has shape %s, wanted [n,d]".formatted(Arrays.toString(Ops.shape(x))));
        }
        return x.reshape(-1, x.size(-1));
    }

    /** The same vectors for another text encoder. */
    public TextualInversion movedTo(String encoder) {
        return new TextualInversion(
                token, Map.of(encoder, vectors.values().iterator().next()));
    }

    /** Writes {@code learned_embeds.safetensors}; with vectors for two text encoders, {@code clip_l} and {@code clip_g}. */
    public void write(Path file) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        vectors.forEach((encoder, x) -> tensors.put(
                vectors.size() == 1 ? token : encoder.equals("text_encoder") ? "clip_l" : "clip_g", x.detach()));
        SafetensorsWriter.of(tensors).withMetadata(Map.of("format", "pt")).write(file);
    }

    /**
     * The weights of a text encoder with vectors in the rows of its token table from {@code first} on, differentiable in
     * them; the table grows where it has no such rows.
     *
     * @param vocabulary rows of the table so far
     * @param vectors [n,d]
     */
    public static WeightSource withVectors(WeightSource source, long vocabulary, long first, Tensor vectors) {
        if (first > vocabulary) {
            throw new WeightsException("%s: the tokenizer's new token has the id [%d], the text encoder knows %d tokens"
                    .formatted(source.origin(), first, vocabulary));
        }
        return new WeightSource() {
            @Override
            public Set<String> keys() {
                return source.keys();
            }

            @Override
            public String origin() {
                return source.origin();
            }

            @Override
            public Tensor get(String key, long... shape) {
                return key.equals(TABLE) ? table(shape[1]) : source.get(key, shape);
            }

            @Override
            public @Nullable Quantized quantized(String key, long... shape) {
                return key.equals(TABLE) ? null : source.quantized(key, shape);
            }

            @Override
            public void require(String key, long... shape) {
                if (key.equals(TABLE)) {
                    WeightSource.super.require(key, shape);
                } else {
                    source.require(key, shape);
                }
            }

            private Tensor table(long size) {
                if (vectors.size(1) != size) {
                    throw new WeightsException("%s: the new word has vectors of %d numbers, the text encoder wants %d"
                            .formatted(source.origin(), vectors.size(1), size));
                }
                Tensor table = Ops.to(source.get(TABLE, vocabulary, size), DType.F32);
                Tensor rows = Ops.to(vectors, DType.F32, Ops.device(table));
                long end = first + rows.size(0);
                return Ops.cat(0, Ops.slice(table, 0, 0, first), rows, Ops.slice(table, 0, end, vocabulary));
            }
        };
    }
}
