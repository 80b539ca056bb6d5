package dev.latente.training.text;

import dev.latente.weights.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A vocabulary in the format of CLIP's tokenizer: the position of a token is its id, the position of a merge its rank.
 *
 * @param tokens all of them, the two control tokens last
 * @param merges two tokens with a space between
 */
public record ClipVocabulary(List<String> tokens, List<String> merges) {
    static final String END_OF_WORD = "</w>";
    private static final String START = "<|startoftext|>";
    private static final String END = "<|endoftext|>";
    static final List<String> CONTROL = List.of(START, END);

    public ClipVocabulary {
        tokens = List.copyOf(tokens);
        merges = List.copyOf(merges);
    }

    /**
     * Writes {@code vocab.json}, {@code merges.txt}, {@code tokenizer_config.json} and {@code special_tokens_map.json}.
     *
     * @param maxLength tokens of a padded text, both control tokens included
     */
    public void save(Path folder, int maxLength) throws IOException {
        Map<String, Integer> ids = new LinkedHashMap<>();
        tokens.forEach(token -> ids.put(token, ids.size()));
        Map<String, Object> special = new LinkedHashMap<>();
        special.put("bos_token", START);
        special.put("eos_token", END);
        special.put("unk_token", END);
        special.put("pad_token", END);
        Map<String, Object> config = new LinkedHashMap<>(special);
        config.put("tokenizer_class", "CLIPTokenizer");
        config.put("add_prefix_space", false);
        config.put("do_lower_case", true);
        config.put("errors", "replace");
        config.put("model_max_length", maxLength);
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("vocab.json"), Json.text(ids));
        Files.writeString(folder.resolve("merges.txt"), "#version: 0.2\n" + String.join("\n", merges) + "\n");
        Json.write(folder.resolve("tokenizer_config.json"), Json.parse(Json.text(config)));
        Json.write(folder.resolve("special_tokens_map.json"), Json.parse(Json.text(special)));
    }
}
