package dev.latente.pipelines;

import dev.latente.image.Masks.Region;
import dev.latente.models.unet.Beside;
import dev.latente.models.unet.Features;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConditioning;
import dev.latente.nn.ImageContext;
import dev.latente.nn.TokenMerging;
import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A U-Net with classifier-free guidance, for one run: both halves of a guided call go through the network at once,
 * and as one up to where it first looks at the text.
 */
final class GuidedUNet implements GuidedNetwork {
    private final Checkpoint checkpoint;
    private final Request request;
    private final double[] noiseLevels;
    private final List<Part> parts;
    private final Guides guides;
    private final @Nullable Tensor extra; // [B,c,h,w], laid under the sample
    private final DeepCache cache;
    private int call;

    /**
     * What the U-Net is told in a part of the run.
     *
     * @param until the last step that it is for, counted from 1
     * @param positive for an unguided call
     * @param both for a guided call, the negative half first; null if none is guided
     */
    record Part(
            int until, UNetConditioning positive, @Nullable UNetConditioning both) {}

    /** What steers beside the text: pictures by their outlines, and by what is in them. */
    record Guides(List<SeenControl> controls, SeenPictures pictures) {
        /**
         * The same for a part of the canvas, in latents.
         *
         * @param width of the canvas
         */
        Guides in(Region where, int width) {
            return new Guides(controls.stream().map(c -> c.in(where, width)).toList(), pictures);
        }
    }

    /**
     * A denoiser for one run.
     *
     * @param noiseLevels of the calls that the run takes
     * @param extra channels that the U-Net sees beside the sample [B,c,h,w], or null
     */
    GuidedUNet(
            Checkpoint checkpoint,
            Request request,
            double[] noiseLevels,
            List<Part> parts,
            Guides guides,
            @Nullable Tensor extra) {
        this.checkpoint = checkpoint;
        this.request = request;
        this.noiseLevels = noiseLevels.clone();
        this.parts = List.copyOf(parts);
        this.guides = guides;
        this.extra = extra;
        cache = new DeepCache(request.shortcuts().reuse(), noiseLevels.length);
    }

    @Override
    public Tensor predict(Tensor sample, double timestep) {
        Tensor x = Ops.to(extra == null ? sample : Ops.cat(1, sample, extra), checkpoint.dtype());
        Guiding guiding = request.guiding();
        Part part = part(call * request.steps().count() / noiseLevels.length + 1);
        double scale = guiding.scaleAt(call, noiseLevels);
        UNetConditioning both = scale > 1 ? part.both : null;
        Tensor output = forward(x, timestep, part.positive, both);
        call++;
        if (both == null) {
            return output;
        }
        Tensor[] halves = Ops.chunk(output, 2, 0);
        return guiding.combine(halves[0], halves[1], scale);
    }

    /** x [B,c,h,w] -> [B,C,h,w], or [2B,C,h,w] of both halves. */
    private Tensor forward(Tensor x, double timestep, UNetConditioning positive, @Nullable UNetConditioning both) {
        Tensor t = Ops.full(timestep, DType.F32, Ops.device(x), 1);
        UNetConditioning conditioning = both == null ? positive : both;
        List<SeenControl> working = guides.controls().stream()
                .filter(control -> control.worksAt(call, noiseLevels.length))
                .toList();
        UNet2DCondition unet = checkpoint
                .unet()
                .merging(TokenMerging.NONE.with(request.shortcuts().merge(), call))
                .beside(new Beside(SeenControl.ByAdapter.sum(working), pictures(both != null)));
        DeepCache.Input given = new DeepCache.Input(x, t, conditioning, working);
        return Ops.to(cache.forward(unet, call, given, () -> residuals(given, x, positive)), DType.F32);
    }

    private ImageContext pictures(boolean guided) {
        ImageContext both = guides.pictures().both();
        return guided && both != null ? both : guides.pictures().positive();
    }

    /** What the ControlNets add together, or null; x and positive are the half with the prompt. */
    private static @Nullable Features residuals(DeepCache.Input given, Tensor x, UNetConditioning positive) {
        boolean guided = !given.conditioning().equals(positive);
        Features sum = null;
        for (SeenControl control : given.controls()) {
            if (control instanceof SeenControl.ByNet net) {
                Features more = guided && net.guesses()
                        ? net.residuals(x, given.timesteps(), positive).map(GuidedUNet::belowZeros)
                        : net.residuals(given.sample(), given.timesteps(), given.conditioning());
                sum = sum == null ? more : sum.plus(more);
            }
        }
        return sum;
    }

    /** Leaves the negative half of a guided call as it is: x [B,C,h,w] -> [2B,C,h,w]. */
    private static Tensor belowZeros(Tensor x) {
        return Ops.cat(0, Ops.zeros(Ops.dtype(x), Ops.device(x), Ops.shape(x)), x);
    }

    private Part part(int step) {
        return parts.stream().filter(p -> step <= p.until).findFirst().orElse(parts.get(parts.size() - 1));
    }

    @Override
    public void close() {
        cache.close();
    }
}
