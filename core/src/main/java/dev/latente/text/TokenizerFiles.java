package dev.latente.text;

import dev.latente.weights.Json;
import dev.latente.weights.WeightsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * The files of a tokenizer folder that all kinds share: {@code tokenizer_config.json}, {@code special_tokens_map.json},
 * {@code added_tokens.json} and the added tokens of {@code tokenizer.json}. Of the definitions of a token the last one
 * counts, in the order: added tokens, named tokens ({@code bos_token}, …), extra special tokens.
 */
final class TokenizerFiles {
    private static final List<String> NAMES =
            List.of("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token");
    private static final List<String> EXTRA = List.of("extra_special_tokens", "additional_special_tokens");

    private final Path folder;
    private final Map<String, JsonNode> settings = new LinkedHashMap<>();
    private final Map<String, AddedToken> added = new LinkedHashMap<>();
    private final Map<String, String> named = new LinkedHashMap<>();

    /** Reads a folder; {@code defaults} are the names that the kind of tokenizer gives where the files give none. */
    TokenizerFiles(Path folder, Map<String, String> defaults) {
        this.folder = folder;
        JsonNode config = json("tokenizer_config.json");
        config.properties().forEach(e -> settings.put(e.getKey(), e.getValue()));
        JsonNode decoder = config.path("added_tokens_decoder");
        if (decoder.isObject()) {
            addById(decoder);
        } else {
            json("special_tokens_map.json").properties().forEach(e -> settings.put(e.getKey(), e.getValue()));
            addLegacy();
        }
        boolean declared = !added.isEmpty();
        for (String name : NAMES) {
            JsonNode value = settings.get(name);
            if (value != null && !value.isNull()) {
                named.put(name, define(value, declared));
            } else if (defaults.containsKey(name)) {
                named.put(name, define(AddedToken.special(defaults.getOrDefault(name, "")), declared));
            }
        }
        for (String key : EXTRA) {
            JsonNode list = settings.get(key);
            if (list != null) {
                list.forEach(value -> define(AddedToken.of(value, true), false));
            }
        }
    }

    /** The {@code model_max_length}: no limit where it is not given, which transformers write as 1e30. */
    int maxLength() {
        double given = json("tokenizer_config.json").path("model_max_length").asDouble(Integer.MAX_VALUE);
        return (int) Math.min(given, Integer.MAX_VALUE);
    }

    /** A file of the folder as JSON; an empty object if it is not there. */
    JsonNode json(String name) {
        return has(name) ? Json.read(folder.resolve(name)) : Json.parse("{}");
    }

    /** A file of the folder as JSON. */
    JsonNode required(String name) {
        return Json.read(folder.resolve(name));
    }

    /** The content of a file of the folder. */
    byte[] bytes(String name) {
        try {
            return Files.readAllBytes(folder.resolve(name));
        } catch (IOException e) {
            throw new WeightsException(folder.resolve(name), null, "cannot be read: " + e.getMessage(), e);
        }
    }

    boolean has(String name) {
        return Files.isRegularFile(folder.resolve(name));
    }

    Path path(String name) {
        return folder.resolve(name);
    }

    /** The added tokens in the order in which those that are not in the vocabulary get ids. */
    Collection<AddedToken> added() {
        return added.values();
    }

    /** The id of a named token such as {@code eos_token}. */
    int id(String name, Map<String, Integer> vocabulary, AddedTokens tokens) {
        String content = named.getOrDefault(name, "");
        Integer id = tokens.id(content);
        if (id == null) {
            id = vocabulary.get(content);
        }
        if (id == null) {
            throw new WeightsException(folder, null, "%s [%s] is not in the vocabulary".formatted(name, content));
        }
        return id;
    }

    private void addById(JsonNode decoder) {
        decoder.properties().stream()
                .sorted(Comparator.comparingInt(e -> number(e.getKey())))
                .forEach(e -> put(AddedToken.of(e.getValue(), false)));
    }

    private int number(String key) {
        try {
            return Integer.parseInt(key);
        } catch (NumberFormatException e) {
            throw new WeightsException(
                    path("tokenizer_config.json"),
                    null,
                    "added_tokens_decoder has the key [%s], wanted an id".formatted(key),
                    e);
        }
    }

    private void addLegacy() {
        List<String> special = new ArrayList<>();
        settings.forEach((key, value) -> {
            if (NAMES.contains(key)) {
                special.add(content(value));
            } else if (EXTRA.contains(key)) {
                value.forEach(v -> special.add(content(v)));
            }
        });
        json("added_tokens.json").properties().stream()
                .sorted(Comparator.comparingInt(e -> e.getValue().asInt()))
                .forEach(e -> put(
                        special.contains(e.getKey())
                                ? AddedToken.special(e.getKey())
                                : AddedToken.ordinary(e.getKey())));
        for (JsonNode token : json("tokenizer.json").path("added_tokens")) {
            put(AddedToken.of(token, false));
        }
    }

    private String define(JsonNode value, boolean declared) {
        return define(AddedToken.of(value, true), declared);
    }

    /** A token that is declared among the added tokens keeps that definition, whatever its name is given as. */
    private String define(AddedToken token, boolean declared) {
        if (!declared || !added.containsKey(token.content())) {
            put(token);
        }
        return token.content();
    }

    private void put(AddedToken token) {
        added.put(token.content(), token);
    }

    private static String content(JsonNode value) {
        return value.isString() ? value.asString() : value.path("content").asString("");
    }
}
