package dev.latente.pipelines;

import java.util.Set;

/**
 * Skip-layer guidance, away from what a transformer without some of its layers predicts (Hyung et al. 2024, "Spatiotemporal
 * Skip Guidance"; Stability AI's code of Stable Diffusion 3.5). It takes one more call of half the batch.
 *
 * @param layers that are left out, from 0; none for no such guidance
 * @param scale of the difference
 * @param from fraction of the steps after which it begins
 * @param to fraction of the steps before which it ends
 */
public record SkippedLayers(Set<Integer> layers, double scale, double from, double to) {
    public static final SkippedLayers NONE = of(Set.of());

    public SkippedLayers {
        layers = Set.copyOf(layers);
        for (int layer : layers) {
            if (layer < 0) {
                throw new IllegalArgumentException("skipped layers: got [%d], wanted at least 0".formatted(layer));
            }
        }
        if (!(Math.abs(scale) <= 100)) {
            throw new IllegalArgumentException("skipped layers: scale: got [%s], wanted -100 to 100".formatted(scale));
        }
        if (!(from >= 0 && from <= to && to <= 1)) {
            throw new IllegalArgumentException(
                    "skipped layers: interval: got [%s, %s], wanted two ascending fractions".formatted(from, to));
        }
    }

    /** As Stability AI has it for Stable Diffusion 3.5 medium, whose layers 7, 8 and 9 suit. */
    public static SkippedLayers of(Set<Integer> layers) {
        return new SkippedLayers(layers, 2.8, 0.01, 0.2);
    }

    public SkippedLayers withScale(double value) {
        return new SkippedLayers(layers, value, from, to);
    }

    public SkippedLayers withInterval(double begin, double end) {
        return new SkippedLayers(layers, scale, begin, end);
    }

    /** Whether a call of a run is inside the interval. */
    boolean worksAt(int call, int calls) {
        return !layers.isEmpty() && call > calls * from && call < calls * to;
    }
}
