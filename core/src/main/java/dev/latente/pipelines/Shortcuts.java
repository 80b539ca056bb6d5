package dev.latente.pipelines;

import dev.latente.nn.TokenMerging;

/**
 * Work that a run leaves undone for speed, each at a price in quality, which {@code docs/shortcuts.md} measures.
 *
 * @param reuse of the U-Net's deep features by calls after the one that made them
 * @param merge share of the tokens that are merged away in the self-attentions at the finest resolution that has attention
 *     (Bolya and Hoffman 2023), 0 to 0.75
 */
public record Shortcuts(FeatureReuse reuse, double merge) {
    /** All work is done. */
    public static final Shortcuts NONE = new Shortcuts(FeatureReuse.every(1), 0);

    public Shortcuts {
        TokenMerging.NONE.with(merge, 0);
    }

    public Shortcuts withReuse(FeatureReuse value) {
        return new Shortcuts(value, merge);
    }

    public Shortcuts withMerge(double ratio) {
        return new Shortcuts(reuse, ratio);
    }
}
