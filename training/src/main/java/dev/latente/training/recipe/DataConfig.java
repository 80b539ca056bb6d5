package dev.latente.training.recipe;

import dev.latente.pipelines.Size;
import dev.latente.training.data.Augment;
import dev.latente.training.data.Buckets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a recipe learns from.
 *
 * @param size side that pictures are brought to, in pixels; the area, with buckets
 * @param batch examples of a micro-batch
 * @param accumulation micro-batches of a step
 * @param buckets whether pictures keep about their shape
 * @param cache folder of the latents; null for one below the run's
 */
public record DataConfig(
        DataSource source,
        int size,
        int batch,
        int accumulation,
        Augment augment,
        boolean buckets,
        @Nullable Path cache) {
    private static final int MULTIPLE = 64;
    private static final double MAX_RATIO = 2;

    public DataConfig {
        if (size < 8 || batch < 1 || accumulation < 1) {
            throw new IllegalArgumentException(
                    "data: got size [%d], batch [%d], accumulation [%d]: wanted 8 pixels, 1 and 1 at least"
                            .formatted(size, batch, accumulation));
        }
    }

    static DataConfig of(Section section, Map<String, Function<Section, DataSource>> kinds) {
        List<String> named = kinds.keySet().stream().filter(section::has).toList();
        if (named.size() != 1) {
            throw section.error(
                    named.isEmpty() ? "" : named.get(1), "got %s, wanted one of %s".formatted(named, kinds.keySet()));
        }
        DataSource found = Objects.requireNonNull(kinds.get(named.get(0))).apply(section);
        List<String> captions = section.texts("captions");
        DataSource source = captions.isEmpty() ? found : new DataSource.Said(found, captions);
        int size = section.integer("size");
        int batch = section.integer("batch");
        int accumulation = section.integer("accumulation", 1);
        boolean randomCrop = section.flag("random_crop", false);
        double flip = section.number("flip", 0);
        boolean buckets = section.flag("buckets", false);
        Path cache = section.has("cache") ? section.path("cache") : null;
        return section.checked(
                () -> new DataConfig(source, size, batch, accumulation, new Augment(randomCrop, flip), buckets, cache));
    }

    /** The sizes that pictures are brought to. */
    Buckets sizes() {
        Size area = new Size(size, size);
        return buckets ? Buckets.of(area, MULTIPLE, MAX_RATIO) : Buckets.only(area);
    }

    /** Whether every use of a picture looks the same, so that its latents can be kept. */
    boolean repeats() {
        return !buckets && !augment.randomCrop() && augment.flip() == 0;
    }
}
