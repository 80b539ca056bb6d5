package dev.latente.pipelines;

import dev.latente.text.ClipTokenizer;
import dev.latente.weights.WeightsException;
import dev.latente.weights.layout.CheckpointFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The tokenizers of checkpoints. */
public final class Tokenizers {
    private Tokenizers() {}

    /** By the text encoders that they belong to; read by another thread while this one lays out weights, which takes longer. */
    static Map<String, CompletableFuture<ClipTokenizer>> of(CheckpointFiles files, LoadOptions options) {
        Map<String, CompletableFuture<ClipTokenizer>> tokenizers = new LinkedHashMap<>();
        for (String encoder : List.of("text_encoder", "text_encoder_2")) {
            if (files.has(encoder)) {
                String name = encoder.replace("text_encoder", "tokenizer");
                tokenizers.put(encoder, CompletableFuture.supplyAsync(() -> load(files, name, options.tokenizer())));
            }
        }
        return tokenizers;
    }

    /** Waits; what went wrong is thrown as if it had been here. */
    static <T> T result(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    /**
     * The tokenizer of a checkpoint's text encoder.
     *
     * @param name tokenizer or tokenizer_2
     * @param given a folder for a single file, which has none; or null
     * @throws WeightsException if there is none
     */
    public static ClipTokenizer load(CheckpointFiles files, String name, @Nullable Path given) {
        Path own = files.tokenizer(name);
        if (own != null) {
            return ClipTokenizer.load(own);
        }
        if (given == null) {
            throw new WeightsException(("%s: a single file has no tokenizer: give CLIP's with --tokenizer FOLDER"
                            + " (vocab.json and merges.txt), or --tokenizer openai/clip-vit-large-patch14")
                    .formatted(files));
        }
        if (Files.isDirectory(given.resolve(name))) {
            return ClipTokenizer.load(given.resolve(name));
        }
        Path shared = Files.isDirectory(given.resolve("tokenizer")) ? given.resolve("tokenizer") : given;
        // OpenCLIP's encoders were trained with CLIP's vocabulary, but with its first token as padding.
        JsonNode encoder = files.config(name.replace("tokenizer", "text_encoder"));
        return encoder.path("hidden_act").asString("").equals("gelu")
                ? ClipTokenizer.load(shared).withPad("!")
                : ClipTokenizer.load(shared);
    }
}
