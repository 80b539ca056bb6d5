package dev.latente.weights.lora;

import dev.latente.weights.Json;
import dev.latente.weights.TensorFile;
import dev.latente.weights.WeightsException;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The settings of peft that diffusers stores in the header of a LoRA file, as JSON under {@code lora_adapter_metadata}:
 * peft's {@code LoraConfig} of each model, its fields behind the model's name.
 */
record PeftMetadata(JsonNode json) {
    static final String KEY = "lora_adapter_metadata";

    /** Empty if the file has none. */
    static PeftMetadata of(TensorFile file) {
        try {
            return new PeftMetadata(Json.parse(file.metadata().getOrDefault(KEY, "{}")));
        } catch (JacksonException e) {
            throw new WeightsException(
                    file.path(), null, "%s is not JSON: %s".formatted(KEY, e.getOriginalMessage()), e);
        }
    }

    /** The alpha of a layer; its rank where nothing is said. */
    double alpha(String model, String module, double rank) {
        double alpha = json.path(model + ".lora_alpha").asDouble(rank);
        for (Map.Entry<String, JsonNode> e : json.path(model + ".alpha_pattern").properties()) {
            // Patterns are paths or their ends; peft would also read regular expressions, which nobody writes there.
            if (LoraTargets.endsIn(module, e.getKey())) {
                alpha = e.getValue().asDouble(alpha);
            }
        }
        // Kalajdzievski 2023: alpha is divided by the root of the rank.
        return json.path(model + ".use_rslora").asBoolean(false) ? alpha * Math.sqrt(rank) : alpha;
    }
}
