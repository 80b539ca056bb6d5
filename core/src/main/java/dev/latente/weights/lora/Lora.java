package dev.latente.weights.lora;

import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightsException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * The low-rank changes of one model: what is trained, and written.
 *
 * @param layers by the name of the weight that they change, such as {@code mid_block.attentions.0.proj_in.weight}
 */
public record Lora(Map<String, LowRank> layers) {
    public Lora {
        layers = Collections.unmodifiableMap(new LinkedHashMap<>(layers));
    }

    /**
     * What a file changes, as far as it can be trained on.
     *
     * @throws WeightsException if it has changes that are not of low rank
     */
    public static Lora of(WeightChanges changes) {
        Map<String, LowRank> layers = new LinkedHashMap<>();
        changes.layers().forEach((key, change) -> {
            if (!(change instanceof LowRank lowRank)) {
                throw new WeightsException("the adapter changes [%s] by %s, wanted a LoRA"
                        .formatted(key, change.getClass().getSimpleName()));
            }
            layers.put(key, lowRank);
        });
        return new Lora(layers);
    }

    /** All A and B, in order: what a trainer optimises. */
    public List<Tensor> parameters() {
        return layers.values().stream().flatMap(l -> Stream.of(l.a(), l.b())).toList();
    }

    /**
     * The weights with this change: W + scale · alpha/rank · B·A in fp32, made anew at each call and differentiable in A and
     * B; what is not changed stays as it is.
     *
     * @throws WeightsException if the source has no weight of one of the names
     */
    public static WeightSource withLora(WeightSource source, Lora lora, double scale) {
        return new WeightChanges(new LinkedHashMap<>(lora.layers)).over(source, scale);
    }
}
