package dev.latente.pipelines;

import dev.latente.image.Masks;
import dev.latente.image.Picture;
import dev.latente.image.VaeImages;
import dev.latente.image.VaeImages.Fit;
import dev.latente.profile.Phase;
import dev.latente.tensor.DType;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Repaints the white part of a mask. A network with the channels for them sees the mask and the masked picture; any other has what
 * is outside the mask put back after every model call (Lugmayr et al. 2022, equation 8). Thread-safe.
 */
public final class Inpaint {
    private final Checkpoint checkpoint;

    public Inpaint(Checkpoint checkpoint) {
        this.checkpoint = checkpoint;
    }

    /**
     * Draws.
     *
     * @throws IllegalArgumentException if there is no mask, or the checkpoint cannot do what is asked for
     */
    public List<Picture> generate(Request request, Source source, Progress progress) {
        if (source.mask() == null) {
            throw new IllegalArgumentException("mask: got none, wanted a picture that is white where to repaint");
        }
        Picture mask = Masks.blur(source.mask(), source.maskBlur());
        if (source.onlyMasked() < 0) {
            Size size = checkpoint.sizeOf(request, source.image());
            return draw(request, source.image(), mask, size, source.fit(), source.strength(), progress);
        }
        Size size = checkpoint.sizeOf(request);
        Masks.Region r = Masks.region(mask, size.width(), size.height(), source.onlyMasked());
        Picture part = source.image().crop(r.x(), r.y(), r.width(), r.height());
        Picture partMask = mask.crop(r.x(), r.y(), r.width(), r.height());
        Request there = request.withControls(request.controls().stream()
                .map(c -> c.within(r, source.image()))
                .toList());
        return draw(there, part, partMask, size, Fit.FILL, source.strength(), progress).stream()
                .map(drawn ->
                        source.image().rgb().paste(VaeImages.fit(drawn, r.width(), r.height(), Fit.CROP), r.x(), r.y()))
                .map(whole -> Masks.overlay(source.image(), mask, whole))
                .toList();
    }

    private List<Picture> draw(
            Request request, Picture image, Picture mask, Size size, Fit fit, double strength, Progress progress) {
        return new Phase.Picture("inpaint", request.batch(), request.steps().count())
                .run(() -> Scopes.within(() -> checkpoint.pictures(latents(
                        request,
                        VaeImages.image(image, size.width(), size.height(), fit),
                        VaeImages.mask(mask, size.width(), size.height(), fit),
                        strength,
                        progress))));
    }

    /** The clean latents [B,C,h,w] of a picture [1,3,H,W] in [-1,1] under a mask [1,1,H,W] of 0 and 1. */
    Tensor latents(Request request, Tensor image, Tensor mask, double strength, Progress progress) {
        Size size = new Size((int) image.size(3), (int) image.size(2));
        boolean sees =
                checkpoint.network().inChannels() == 2 * checkpoint.codec().channels() + 1;
        return Scopes.keep(() -> {
            try (Run run = new Run(checkpoint, request, size, checkpoint.cut(request.steps(), strength))) {
                var halves = run.encode();
                // As the reference draws its noise: in this order, and for the picture with the first generator alone.
                Tensor clean = sees && strength == 1 ? null : encode(image, run);
                Tensor noise = run.normal();
                Tensor masked = encode(image.mul(Ops.sub(Ops.mul(mask, -1), -1)), run);
                Tensor start = strength == 1 || clean == null
                        ? Ops.mul(noise, run.trajectory().initNoiseSigma())
                        : run.trajectory().addNoise(clean, noise, 0);
                Tensor small = shrink(mask, masked); // [1,1,h,w]
                if (sees || clean == null) {
                    Tensor extra = Ops.cat(1, small.repeat(run.batch(), 1, 1, 1), masked);
                    return run.sample(start, halves, extra, (call, x) -> x, progress);
                }
                checkpoint.requirePlainNetwork();
                return run.sample(start, halves, null, (call, x) -> keep(run, clean, noise, small, call, x), progress);
            }
        });
    }

    private Tensor encode(Tensor image, Run run) {
        return checkpoint.codec().encode(image, run.noise().first(), run.batch());
    }

    /** The original, as noisy as the latents of the next call, wherever the mask is 0. */
    private static Tensor keep(Run run, Tensor clean, Tensor noise, Tensor mask, int call, Tensor x) {
        boolean last = call == run.trajectory().timesteps().length - 1;
        Tensor original = last ? clean : run.trajectory().addNoise(clean, noise, call + 1);
        return original.add(x.sub(original).mul(mask));
    }

    /** One value of the mask for each latent, the nearest. */
    private static Tensor shrink(Tensor mask, Tensor latents) {
        Tensor small = Functional.upsampleNearest(mask, latents.size(2), latents.size(3));
        return Ops.to(small, DType.F32, Ops.device(latents));
    }
}
