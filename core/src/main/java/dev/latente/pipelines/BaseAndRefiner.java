package dev.latente.pipelines;

import dev.latente.image.Picture;
import dev.latente.profile.Phase;
import dev.latente.tensor.Scopes;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * An ensemble of experts (Podell et al. 2023, section 2.5): the base model denoises down to a share of the noise, the
 * refiner from there. Thread-safe.
 */
public final class BaseAndRefiner {
    private final TextToImage base;
    private final ImageToImage refiner;
    private final Checkpoint refinerCheckpoint;

    public BaseAndRefiner(Checkpoint base, Checkpoint refiner) {
        this.base = new TextToImage(base);
        this.refiner = new ImageToImage(refiner);
        refinerCheckpoint = refiner;
    }

    /**
     * Draws.
     *
     * @param handOver fraction of the noise schedule at which the refiner takes over, such as 0.8
     */
    public List<Picture> generate(Request request, double handOver, Progress progress) {
        Phase picture = new Phase.Picture(
                "base and refiner", request.batch(), request.steps().count());
        return picture.run(() -> Scopes.within(() -> {
            Request first = request.withSteps(request.steps().withDenoisingEnd(handOver));
            Tensor noisy = base.latents(first, progress);
            Request second = request.withScheduler(null)
                    .withControls(List.of())
                    .withPictures(List.of())
                    .withMicro(new Request.Conditions(request.micro().positive(), Micro.NEGATIVE));
            return refinerCheckpoint.pictures(
                    refiner.resume(second, noisy, request.steps().withDenoisingStart(handOver), progress));
        }));
    }
}
