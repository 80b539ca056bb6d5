package dev.latente.bench;

import dev.latente.tensor.Scopes;
import dev.latente.weights.WeightSource;
import dev.latente.weights.compression.Layers;
import dev.latente.weights.compression.Plan;
import dev.latente.weights.compression.Plan.Layer;
import dev.latente.weights.compression.RelativeError;
import dev.latente.weights.layout.CheckpointFiles;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What quantisation did to a layer.
 *
 * @param part the model, such as unet
 * @param layer its path
 * @param shape of its weight
 * @param kept whether it stayed in 16 bits
 * @param weightError relative, of its weight
 * @param outputError relative, of the U-Net with this layer alone quantised; null if that was not measured
 */
public record LayerLoss(
        String part,
        String layer,
        List<Long> shape,
        boolean kept,
        double weightError,
        @Nullable Double outputError) {
    public LayerLoss {
        shape = List.copyOf(shape);
    }

    /** Of every layer of a plan. */
    public static List<LayerLoss> of(CheckpointFiles files, Plan plan, Map<Layer, Double> outputErrors) {
        return plan.layers().stream()
                .map(layer -> new LayerLoss(
                        layer.part(),
                        Layers.module(layer.weight()),
                        plan.shape(layer),
                        plan.kept().contains(layer),
                        weightError(files.weights(layer.part()), plan, layer),
                        outputErrors.get(layer)))
                .toList();
    }

    private static double weightError(WeightSource weights, Plan plan, Layer layer) {
        if (plan.kept().contains(layer)) {
            return 0;
        }
        long[] shape = plan.shape(layer).stream().mapToLong(Long::longValue).toArray();
        return Scopes.within(() -> RelativeError.of(
                weights.get(layer.weight(), shape),
                plan.of(layer.part()).over(weights).get(layer.weight(), shape)));
    }

    /** For JSON. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("part", part);
        map.put("layer", layer);
        map.put("shape", shape);
        map.put("kept", kept);
        map.put("weight_error", weightError);
        if (outputError != null) {
            map.put("output_error", outputError);
        }
        return map;
    }
}
