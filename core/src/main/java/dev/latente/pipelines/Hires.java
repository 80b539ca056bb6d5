package dev.latente.pipelines;

import dev.latente.image.Picture;
import dev.latente.image.Resize;
import java.util.ArrayList;
import java.util.List;

/**
 * "Hires fix": draws at the size that the model was trained on, enlarges with Lanczos, and goes over the result at the
 * larger size, so that large pictures keep one composition. Thread-safe.
 */
public final class Hires {
    private final Checkpoint checkpoint;

    public Hires(Checkpoint checkpoint) {
        this.checkpoint = checkpoint;
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
                    .withSize(width, height);
            Picture large = Resize.to(first.get(i), width, height, Resize.Filter.LANCZOS);
            out.addAll(new ImageToImage(checkpoint).generate(one, Source.of(large, strength), progress));
        }
        return out;
    }
}
