package dev.latente.pipelines;

import dev.latente.image.Picture;
import dev.latente.image.VaeImages;
import dev.latente.models.unet.UNetConditioning;
import dev.latente.profile.Phase;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Does to a picture what the prompt tells it to, with a U-Net that sees it (InstructPix2Pix, Brooks et al. 2023). Thread-safe. */
public final class InstructionEdit {
    /** The usual strength with which the picture is kept. */
    public static final double USUAL_IMAGE_GUIDANCE = 1.5;

    private final Checkpoint checkpoint;

    /** @throws IllegalArgumentException if the checkpoint does not see a picture beside the latents */
    public InstructionEdit(Checkpoint checkpoint) {
        this.checkpoint = checkpoint;
        if (!fits(checkpoint)) {
            throw new IllegalArgumentException(
                    "this checkpoint takes no instructions (its U-Net takes %d channels, not %d): give one such as timbrooks/instruct-pix2pix"
                            .formatted(
                                    checkpoint.network().inChannels(),
                                    2 * checkpoint.codec().channels()));
        }
    }

    /** Whether a checkpoint is of this kind. */
    public static boolean fits(Checkpoint checkpoint) {
        Network network = checkpoint.network();
        return network instanceof UNetNetwork
                && network.inChannels() == 2 * checkpoint.codec().channels();
    }

    /**
     * Edits.
     *
     * @param imageGuidance how strongly the picture is kept, from 1
     */
    public List<Picture> generate(Request request, Source source, double imageGuidance, Progress progress) {
        Size size = checkpoint.sizeOf(request, source.image());
        return new Phase.Picture("edit", request.batch(), request.steps().count())
                .run(() -> Scopes.within(() -> {
                    Tensor image = VaeImages.image(source.image(), size.width(), size.height(), source.fit());
                    return checkpoint.pictures(latents(request, image, imageGuidance, progress));
                }));
    }

    /** The clean latents [B,C,h,w] of a picture [1,3,H,W] in [-1,1], in the caller's scope. */
    Tensor latents(Request request, Tensor image, double imageGuidance, Progress progress) {
        if (!(imageGuidance >= 0 && imageGuidance <= 1000)) {
            throw new IllegalArgumentException("image guidance: got [%s], wanted 0 to 1000".formatted(imageGuidance));
        }
        Size size = new Size((int) image.size(3), (int) image.size(2));
        return Scopes.keep(() -> {
            try (Run run = new Run(checkpoint, request, size, request.steps())) {
                var scales = new InstructedUNet.Scales(request.guiding().scale(), imageGuidance);
                List<InstructedUNet.Part> parts = run.encode().stream()
                        .map(halves -> part(halves, scales.guide()))
                        .toList();
                Tensor beside = checkpoint.codec().mode(image).repeat(run.batch(), 1, 1, 1);
                Tensor start = Ops.mul(run.normal(), run.trajectory().initNoiseSigma());
                int calls = run.trajectory().timesteps().length;
                var denoiser = new InstructedUNet(
                        checkpoint, scales, beside, parts, request.steps().count(), calls);
                return run.sample(start, denoiser, (call, x) -> x, progress);
            }
        });
    }

    private InstructedUNet.Part part(Conditioner.Halves halves, boolean guided) {
        Conditioning text = halves.positive();
        if (guided && halves.negative() != null) {
            text = text.then(halves.negative()).then(halves.negative());
        }
        return new InstructedUNet.Part(
                halves.until(), UNetConditioning.text(Ops.to(text.states(), checkpoint.dtype())));
    }
}
