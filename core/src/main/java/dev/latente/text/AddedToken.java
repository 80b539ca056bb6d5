package dev.latente.text;

import tools.jackson.databind.JsonNode;

/**
 * A token that is cut out of the text before the vocabulary's algorithm sees it, with the fields of the Hugging Face
 * tokenizer files.
 *
 * @param special a control token, left out when decoding
 * @param normalized matched, normalised itself, in the normalised text; otherwise as it is in the raw text
 * @param lstrip takes the white space before it
 * @param rstrip takes the white space behind it
 * @param singleWord matched only where no letter, digit or underscore touches it
 */
record AddedToken(
        String content, boolean special, boolean normalized, boolean lstrip, boolean rstrip, boolean singleWord) {
    static AddedToken special(String content) {
        return new AddedToken(content, true, false, false, false, false);
    }

    static AddedToken ordinary(String content) {
        return new AddedToken(content, false, true, false, false, false);
    }

    static AddedToken userDefined(String content) {
        return new AddedToken(content, false, false, false, false, false);
    }

    /** From an object of a tokenizer file, or from a string, which means a special token. */
    static AddedToken of(JsonNode json, boolean specialByDefault) {
        if (json.isString()) {
            return special(json.asString());
        }
        boolean special = json.path("special").asBoolean(specialByDefault);
        return new AddedToken(
                json.path("content").asString(),
                special,
                json.path("normalized").asBoolean(!special),
                json.path("lstrip").asBoolean(false),
                json.path("rstrip").asBoolean(false),
                json.path("single_word").asBoolean(false));
    }
}
