package dev.latente.weights.lora;

import dev.latente.weights.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** The words that a file's metadata say it was trained with. */
final class TriggerWords {
    private static final int MOST = 10;

    private TriggerWords() {}

    /** What the file names as triggers; else the tags that its training saw most often. */
    static List<String> of(Map<String, String> metadata) {
        for (String key : List.of("modelspec.trigger_phrase", "trigger_words", "activation text", "ss_trigger_words")) {
            String told = metadata.getOrDefault(key, "").strip();
            if (!told.isEmpty()) {
                return List.of(told);
            }
        }
        Map<String, Integer> counts = new LinkedHashMap<>();
        try {
            for (JsonNode set : Json.parse(metadata.getOrDefault("ss_tag_frequency", "{}"))) {
                set.properties()
                        .forEach(tag -> counts.merge(
                                tag.getKey().strip(), tag.getValue().asInt(0), Integer::sum));
            }
        } catch (JacksonException e) {
            return List.of(); // what kohya's scripts write there is no promise
        }
        List<String> tags = new ArrayList<>(counts.keySet());
        tags.removeIf(String::isEmpty);
        tags.sort((a, b) -> Integer.compare(counts.getOrDefault(b, 0), counts.getOrDefault(a, 0)));
        return List.copyOf(tags.subList(0, Math.min(MOST, tags.size())));
    }
}
