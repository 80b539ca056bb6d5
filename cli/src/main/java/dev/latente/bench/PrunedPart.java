package dev.latente.bench;

import dev.latente.tensor.Scopes;
import dev.latente.weights.WeightSource;
import dev.latente.weights.compression.RelativeError;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * What pruning did to a model.
 *
 * @param part such as unet
 * @param layers how many it has
 * @param weights that they have together
 * @param zeros how many of these are zero now
 * @param weightError relative, the mean over the layers
 */
public record PrunedPart(String part, int layers, long weights, long zeros, double weightError) {
    /**
     * Compares two sources of a model's weights.
     *
     * @param layers names and shapes of the weights that were pruned
     */
    public static PrunedPart of(
            String part, WeightSource original, WeightSource pruned, Map<String, List<Long>> layers) {
        long[] counts = new long[2];
        double[] error = new double[1];
        layers.forEach((name, shape) -> Scopes.run(() -> {
            long[] dims = shape.stream().mapToLong(Long::longValue).toArray();
            Tensor weight = pruned.get(name, dims);
            counts[0] += weight.numel();
            counts[1] += weight.numel() - weight.count_nonzero().item_long();
            error[0] += RelativeError.of(original.get(name, dims), weight) / layers.size();
        }));
        return new PrunedPart(part, layers.size(), counts[0], counts[1], error[0]);
    }

    /** For JSON. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("part", part);
        map.put("layers", layers);
        map.put("weights", weights);
        map.put("zeros", zeros);
        map.put("weight_error", weightError);
        return map;
    }
}
