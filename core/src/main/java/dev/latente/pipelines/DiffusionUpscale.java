package dev.latente.pipelines;

import dev.latente.diffusion.SchedulerConfig;
import dev.latente.diffusion.Schedulers;
import dev.latente.diffusion.Steps;
import dev.latente.image.Picture;
import dev.latente.image.Resize;
import dev.latente.image.VaeImages;
import dev.latente.profile.Phase;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Draws a picture four times as large by a U-Net that sees the small one beside the latents, a little noised, and is told how
 * much (noise conditioning augmentation, Ho et al. 2021; Stable Diffusion's x4 upscaler). Thread-safe.
 */
public final class DiffusionUpscale {
    /** The usual {@code noise level}. */
    public static final int USUAL_NOISE = 20;

    private final Checkpoint checkpoint;
    private final SchedulerConfig noising;

    /** @throws IllegalArgumentException if the checkpoint is no upscaler */
    public DiffusionUpscale(Checkpoint checkpoint) {
        this.checkpoint = checkpoint;
        noising = checkpoint.lowResScheduler();
        long in = checkpoint.unet().config().inChannels();
        long labels = checkpoint.unet().config().embeddings().classCount();
        if (in != checkpoint.codec().channels() + 3 || labels == 0) {
            throw new IllegalArgumentException(
                    "this checkpoint is no upscaler (its U-Net takes %d channels and %d noise levels): give one such as stable-diffusion-x4-upscaler"
                            .formatted(in, labels));
        }
    }

    /** By how much the sides grow: a latent becomes as many pixels as there are for one pixel of the small picture. */
    public int scale() {
        return checkpoint.codec().factor();
    }

    /**
     * Draws.
     *
     * @param small the picture to enlarge; its sides are cut to multiples of {@link #scale}
     * @param noiseLevel timestep of the noise that is laid over the small picture: more for more invention
     */
    public List<Picture> generate(Request request, Picture small, int noiseLevel, Progress progress) {
        return new Phase.Picture("upscale", request.batch(), request.steps().count())
                .run(() -> Scopes.within(
                        () -> checkpoint.pictures(latents(request, pixels(small), noiseLevel, progress))));
    }

    /** The small picture in [-1,1] [1,3,H,W], with sides that the autoencoder's factor divides. */
    private Tensor pixels(Picture small) {
        int[] size = VaeImages.size(small, scale());
        if (size[0] == 0 || size[1] == 0) {
            throw new IllegalArgumentException("picture of %dx%d is too small: sides of at least %d pixels are needed"
                    .formatted(small.width(), small.height(), scale()));
        }
        return VaeImages.normalize(
                Resize.to(small.rgb(), size[0], size[1], Resize.Filter.BICUBIC).toTensor());
    }

    /** The clean latents [B,C,H,W] of a picture [1,3,H,W] in [-1,1], in the caller's scope. */
    Tensor latents(Request request, Tensor small, int noiseLevel, Progress progress) {
        long most = Math.min(
                checkpoint.maxNoiseLevel(),
                checkpoint.unet().config().embeddings().classCount() - 1);
        if (noiseLevel < 0 || noiseLevel > most) {
            throw new IllegalArgumentException("noise level: got [%d], wanted 0 to %d".formatted(noiseLevel, most));
        }
        Size size = new Size((int) small.size(3) * scale(), (int) small.size(2) * scale());
        return Scopes.keep(() -> {
            try (Run run = new Run(checkpoint, request, size, request.steps())) {
                run.labelled(noiseLevel);
                var halves = run.encode();
                Tensor noise = run.noise().first().normal(Ops.shape(small));
                Tensor noised = Schedulers.of(noising)
                        .trajectory(Steps.timesteps(noiseLevel))
                        .addNoise(Ops.to(small, checkpoint.device()), noise, 0);
                Tensor start = Ops.mul(run.normal(), run.trajectory().initNoiseSigma());
                return run.sample(start, halves, noised.repeat(run.batch(), 1, 1, 1), (call, x) -> x, progress);
            }
        });
    }
}
