package dev.latente.weights.lora;

import dev.latente.weights.Quantized;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightsException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The low-rank changes of one model.
 *
 * @param layers by the name of the weight that they change, such as {@code mid_block.attentions.0.proj_in.weight}
 */
public record Lora(Map<String, LowRank> layers) {
    public Lora {
        layers = Collections.unmodifiableMap(new LinkedHashMap<>(layers));
    }

    /** All A and B, in order: what a trainer optimises. */
    public List<Tensor> parameters() {
        return layers.values().stream().flatMap(l -> Stream.of(l.a(), l.b())).toList();
    }

    /**
     * The weights with this change: W + scale · alpha/rank · B·A in fp32, made anew at each call and differentiable in A and
     * B; what is not changed stays as it is. Several adapters are several decorators.
     *
     * @throws WeightsException if the source has no weight of one of the names
     */
    public static WeightSource withLora(WeightSource source, Lora lora, double scale) {
        List<String> unknown = source.keys().isEmpty()
                ? List.of()
                : lora.layers.keySet().stream()
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
                LowRank change = lora.layers.get(key);
                if (change == null || scale == 0) {
                    return weight;
                }
                try {
                    return change.mergedInto(weight, scale);
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
                return scale != 0 && lora.layers.containsKey(key);
            }
        };
    }
}
