package dev.latente.weights.lora;

import dev.latente.weights.Quantized;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightsException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What an adapter changes in one model.
 *
 * @param layers by the name of the weight that is changed, such as {@code mid_block.attentions.0.proj_in.weight}
 */
public record WeightChanges(Map<String, Change> layers) {
    public WeightChanges {
        layers = Collections.unmodifiableMap(new LinkedHashMap<>(layers));
    }

    /** The weights with these changes at one scale. */
    public WeightSource over(WeightSource source, double scale) {
        return over(source, weight -> scale);
    }

    /**
     * The weights with these changes in fp32, made anew at each call; what is not changed, or has the scale 0, stays as it is.
     * Several adapters are several decorators.
     *
     * @param scale by the name of the weight; 1 is as it was trained
     * @throws WeightsException if the source has no weight of one of the names
     */
    public WeightSource over(WeightSource source, ToDoubleFunction<String> scale) {
        List<String> unknown = source.keys().isEmpty()
                ? List.of()
                : layers.keySet().stream()
                        .filter(key -> !source.keys().contains(key))
                        .toList();
        if (!unknown.isEmpty()) {
            throw new WeightsException("%s: the LoRA changes %d weights that are not there: %s"
                    .formatted(source.origin(), unknown.size(), LoraFile.some(unknown)));
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
                Tensor weight = source.get(key, shape);
                Change change = layers.get(key);
                double factor = scale.applyAsDouble(key);
                if (change == null || factor == 0) {
                    return weight;
                }
                try {
                    return change.mergedInto(weight, factor);
                } catch (IllegalArgumentException e) {
                    throw new WeightsException(
                            "%s: the LoRA of [%s] %s".formatted(source.origin(), key, e.getMessage()), e);
                }
            }

            /** Null for what is changed: the sum is no multiple of the scales. */
            @Override
            public @Nullable Quantized quantized(String key, long... shape) {
                return changes(key) ? null : source.quantized(key, shape);
            }

            @Override
            public void require(String key, long... shape) {
                if (changes(key)) {
                    WeightSource.super.require(key, shape);
                } else {
                    source.require(key, shape);
                }
            }

            private boolean changes(String key) {
                return layers.containsKey(key) && scale.applyAsDouble(key) != 0;
            }
        };
    }
}
