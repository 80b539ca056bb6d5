package dev.latente.pipelines;

import dev.latente.image.Picture;
import dev.latente.profile.Phase;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Pictures from text alone (Rombach et al. 2022). Thread-safe. */
public final class TextToImage {
    private final Checkpoint checkpoint;

    public TextToImage(Checkpoint checkpoint) {
        this.checkpoint = checkpoint;
    }

    public List<Picture> generate(Request request) {
        return generate(request, Progress.NONE);
    }

    /**
     * Draws.
     *
     * @throws IllegalArgumentException if the checkpoint cannot do what is asked for
     */
    public List<Picture> generate(Request request, Progress progress) {
        return new Phase.Picture(
                        "text to image", request.batch(), request.steps().count())
                .run(() -> Scopes.within(() -> checkpoint.pictures(latents(request, progress))));
    }

    /** The clean latents [B,C,h,w], in the caller's scope. */
    Tensor latents(Request request, Progress progress) {
        checkpoint.requirePlainNetwork();
        return Scopes.keep(() -> {
            try (Run run = new Run(checkpoint, request, checkpoint.sizeOf(request), request.steps())) {
                var halves = run.encode();
                Tensor start = Ops.mul(run.normal(), run.trajectory().initNoiseSigma());
                return run.sample(start, halves, null, (call, x) -> x, progress);
            }
        });
    }
}
