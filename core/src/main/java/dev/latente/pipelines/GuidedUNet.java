package dev.latente.pipelines;

import dev.latente.diffusion.Denoiser;
import dev.latente.diffusion.Guidance;
import dev.latente.models.unet.Features;
import dev.latente.models.unet.UNetConditioning;
import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A U-Net with classifier-free guidance, for one run: both halves of a guided call go through the network at once. */
final class GuidedUNet implements Denoiser {
    private final Checkpoint checkpoint;
    private final Request request;
    private final int calls;
    private final List<Part> parts;
    private final List<SeenControl> controls;
    private final @Nullable Tensor extra; // [B,c,h,w], laid under the sample
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

    /**
     * A denoiser for one run.
     *
     * @param calls of the model that the run takes
     * @param extra channels that the U-Net sees beside the sample [B,c,h,w], or null
     */
    GuidedUNet(
            Checkpoint checkpoint,
            Request request,
            int calls,
            List<Part> parts,
            List<SeenControl> controls,
            @Nullable Tensor extra) {
        this.checkpoint = checkpoint;
        this.request = request;
        this.calls = calls;
        this.parts = List.copyOf(parts);
        this.controls = List.copyOf(controls);
        this.extra = extra;
    }

    @Override
    public Tensor predict(Tensor sample, double timestep) {
        Tensor x = Ops.to(extra == null ? sample : Ops.cat(1, sample, extra), checkpoint.dtype());
        Guiding guiding = request.guiding();
        Part part = part(call * request.steps().count() / calls + 1);
        double scale = Guidance.scaleWithin(guiding.scale(), guiding.from(), guiding.to(), call, calls);
        UNetConditioning both = scale > 1 ? part.both : null;
        Tensor output = forward(x, timestep, part.positive, both);
        call++;
        if (both == null) {
            return output;
        }
        Tensor[] halves = Ops.chunk(output, 2, 0);
        Tensor guided = Guidance.combine(halves[0], halves[1], scale);
        return guiding.rescale() == 0 ? guided : Guidance.rescale(guided, halves[1], guiding.rescale());
    }

    /** x [B,c,h,w] -> [B,C,h,w], or [2B,C,h,w] of both halves. */
    private Tensor forward(Tensor x, double timestep, UNetConditioning positive, @Nullable UNetConditioning both) {
        Tensor t = Ops.full(timestep, DType.F32, Ops.device(x), 1);
        Tensor input = both == null ? x : Ops.cat(0, x, x);
        UNetConditioning conditioning = both == null ? positive : both;
        Features residuals = null;
        for (SeenControl control : controls) {
            if (control.worksAt(call, calls)) {
                Features more = both != null && control.guesses()
                        ? control.residuals(x, t, positive).map(GuidedUNet::belowZeros)
                        : control.residuals(input, t, conditioning);
                residuals = residuals == null ? more : residuals.plus(more);
            }
        }
        return Ops.to(checkpoint.unet().forward(input, t, conditioning, residuals), DType.F32);
    }

    /** Leaves the negative half of a guided call as it is: x [B,C,h,w] -> [2B,C,h,w]. */
    private static Tensor belowZeros(Tensor x) {
        return Ops.cat(0, Ops.zeros(Ops.dtype(x), Ops.device(x), Ops.shape(x)), x);
    }

    private Part part(int step) {
        return parts.stream().filter(p -> step <= p.until).findFirst().orElse(parts.get(parts.size() - 1));
    }
}
