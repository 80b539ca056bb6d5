package dev.latente.pipelines;

import dev.latente.diffusion.Steps;
import dev.latente.image.Picture;
import dev.latente.image.VaeImages;
import dev.latente.profile.Phase;
import dev.latente.tensor.Scopes;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Pictures from a picture and text (SDEdit, Meng et al. 2022). Thread-safe. */
public final class ImageToImage {
    private final Checkpoint checkpoint;

    public ImageToImage(Checkpoint checkpoint) {
        this.checkpoint = checkpoint;
    }

    /**
     * Draws.
     *
     * @throws IllegalArgumentException if the checkpoint cannot do what is asked for
     */
    public List<Picture> generate(Request request, Source source, Progress progress) {
        Size size = checkpoint.sizeOf(request, source.image());
        return new Phase.Picture(
                        "image to image", request.batch(), request.steps().count())
                .run(() -> Scopes.within(() -> {
                    Tensor image = VaeImages.image(source.image(), size.width(), size.height(), source.fit());
                    return checkpoint.pictures(latents(request, image, source.strength(), progress));
                }));
    }

    /** The clean latents [B,C,h,w] of a picture [1,3,H,W] in [-1,1], in the caller's scope. */
    Tensor latents(Request request, Tensor image, double strength, Progress progress) {
        checkpoint.requirePlainNetwork();
        Size size = new Size((int) image.size(3), (int) image.size(2));
        return Scopes.keep(() -> {
            try (Run run = new Run(checkpoint, request, size, checkpoint.cut(request.steps(), strength))) {
                var halves = run.encode();
                Tensor clean = checkpoint.codec().encode(image, run.noise(), run.batch());
                Tensor start = run.trajectory().addNoise(clean, run.normal(), 0);
                return run.sample(start, halves, null, (call, x) -> x, progress);
            }
        });
    }

    /** Goes on with the noisy latents of another run [B,C,h,w], such as a base model's, from where that one stopped. */
    Tensor resume(Request request, Tensor latents, Steps steps, Progress progress) {
        int factor = checkpoint.codec().factor();
        Size size = new Size((int) latents.size(3) * factor, (int) latents.size(2) * factor);
        return Scopes.keep(() -> {
            try (Run run = new Run(checkpoint, request, size, steps)) {
                return run.sample(latents, run.encode(), null, (call, x) -> x, progress);
            }
        });
    }
}
