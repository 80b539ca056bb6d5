package dev.latente.weights.lora;

import dev.latente.weights.Json;
import dev.latente.weights.TensorFile;
import dev.latente.weights.WeightsException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
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
            // Patterns are paths or their ends, and the first counts; peft would also read regular expressions, which
            // nobody
            // writes there.
            if (LoraTargets.endsIn(module, e.getKey())) {
                alpha = e.getValue().asDouble(alpha);
                break;
            }
        }
        // Kalajdzievski 2023: alpha is divided by the root of the rank.
        return json.path(model + ".use_rslora").asBoolean(false) ? alpha * Math.sqrt(rank) : alpha;
    }

    /** What a file of these changes says; ranks and alphas that are not the usual ones are named by layer. */
    static String text(Map<String, Lora> loras) {
        Map<String, Object> fields = new TreeMap<>();
        loras.forEach((model, lora) -> config(lora).forEach((field, value) -> fields.put(model + "." + field, value)));
        return Json.parse(Json.text(fields)).toPrettyString();
    }

    private static Map<String, Object> config(Lora lora) {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("peft_type", "LORA");
        config.put("r", (long) usual(lora.layers().values(), LowRank::rank));
        config.put("rank_pattern", unusual(lora, LowRank::rank));
        config.put("lora_alpha", integral(usual(lora.layers().values(), LowRank::alpha)));
        config.put("alpha_pattern", unusual(lora, LowRank::alpha));
        config.put("target_modules", modules(lora));
        config.put("lora_dropout", 0.0);
        config.put("bias", "none");
        config.put("init_lora_weights", true);
        config.put("fan_in_fan_out", false);
        config.put("use_rslora", false);
        config.put("use_dora", false);
        return config;
    }

    private static List<String> modules(Lora lora) {
        return lora.layers().keySet().stream().map(LoraTargets::module).sorted().toList();
    }

    /** The value that most layers have. */
    static double usual(Collection<LowRank> layers, ToDoubleFunction<LowRank> value) {
        Map<Double, Integer> counts = new LinkedHashMap<>();
        layers.forEach(l -> counts.merge(value.applyAsDouble(l), 1, Integer::sum));
        return counts.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow(() -> new IllegalArgumentException("LoRA has no layers"))
                .getKey();
    }

    private static Map<String, Object> unusual(Lora lora, ToDoubleFunction<LowRank> value) {
        double usual = usual(lora.layers().values(), value);
        Map<String, Object> others = new TreeMap<>();
        lora.layers().forEach((weight, change) -> {
            double own = value.applyAsDouble(change);
            if (own != usual) {
                others.put(LoraTargets.module(weight), integral(own));
            }
        });
        return others;
    }

    /** Whole numbers without a fraction, as ranks must be. */
    private static Number integral(double value) {
        if (value == Math.rint(value)) {
            return (long) value;
        }
        return value;
    }

    static String number(double value) {
        return integral(value).toString();
    }
}
