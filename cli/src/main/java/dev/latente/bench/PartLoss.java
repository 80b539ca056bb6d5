package dev.latente.bench;

import dev.latente.weights.compression.Plan;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What quantisation did to a model.
 *
 * @param part such as unet
 * @param layers how many it has
 * @param kept those of them that stayed in 16 bits
 * @param halfBytes of its file with everything in 16 bits
 * @param bytes of its file as it is
 * @param weightError relative, the mean over the layers that are quantised
 */
public record PartLoss(String part, int layers, int kept, long halfBytes, long bytes, double weightError) {
    /** Of every model of a plan. */
    public static List<PartLoss> of(Plan plan, List<LayerLoss> layers) {
        return plan.parts().stream().map(part -> of(plan, part, layers)).toList();
    }

    private static PartLoss of(Plan plan, String part, List<LayerLoss> layers) {
        List<LayerLoss> own = layers.stream().filter(l -> l.part().equals(part)).toList();
        List<LayerLoss> changed = own.stream().filter(l -> !l.kept()).toList();
        return new PartLoss(
                part,
                own.size(),
                own.size() - changed.size(),
                plan.halfBytes(part),
                plan.bytes(part),
                changed.stream().mapToDouble(LayerLoss::weightError).average().orElse(0));
    }

    /** What it takes of what it would take in 16 bits. */
    public double share() {
        return (double) bytes / halfBytes;
    }

    /** For JSON. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("part", part);
        map.put("layers", layers);
        map.put("kept", kept);
        map.put("bytes_fp16", halfBytes);
        map.put("bytes", bytes);
        map.put("share", share());
        map.put("weight_error", weightError);
        return map;
    }
}
