package dev.latente.pipelines;

import dev.latente.image.Picture;
import dev.latente.image.Resize;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * "Hires fix": draws at the size that the model was trained on, enlarges, and goes over the result at the
 * larger size, so that large pictures keep one composition. Thread-safe.
 */
public final class Hires {
    private final Checkpoint checkpoint;
    private final @Nullable PictureUpscaler upscaler;

    /** Enlarges with Lanczos. */
    public Hires(Checkpoint checkpoint) {
        this(checkpoint, null);
    }

    /** Enlarges by a network, and to the wanted size with Lanczos; by Lanczos alone without one. */
    public Hires(Checkpoint checkpoint, @Nullable PictureUpscaler upscaler) {
        this.checkpoint = checkpoint;
        this.upscaler = upscaler;
    }

    /**
     * Draws.
     *
     * @param factor by which the sides grow
     * @param strength of the second pass, 0 to 1
     */
    public List<Picture> generate(Request request, double factor, double strength, Progress progress) {
        if (!(factor >= 1 && factor <= 8)) {
            throw new IllegalArgumentException("hires factor: got [%s], wanted 1 to 8".formatted(factor));
        }
        Size small = checkpoint.sizeOf(request);
        int unit = checkpoint.unit();
        int width = (int) Math.round(small.width() * factor / unit) * unit;
        int height = (int) Math.round(small.height() * factor / unit) * unit;
        List<Picture> first = new TextToImage(checkpoint).generate(request, progress);
        List<Picture> out = new ArrayList<>();
        for (int i = 0; i < first.size(); i++) {
            Request one = request.withPrompts(List.of(request.prompts().get(i / request.perPrompt())))
                    .withPerPrompt(1)
                    .withSeeds(Seeds.of(request.seeds().seed(i)))
                    .withSize(width, height)
                    .withViews(request.views().scaled((double) width / small.width()));
            Picture drawn = upscaler == null ? first.get(i) : upscaler.upscale(first.get(i), Progress.NONE);
            Picture large = Resize.to(drawn, width, height, Resize.Filter.LANCZOS);
            out.addAll(new ImageToImage(checkpoint).generate(one, Source.of(large, strength), progress));
        }
        return out;
    }
}
