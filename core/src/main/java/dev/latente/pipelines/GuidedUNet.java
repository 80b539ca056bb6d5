package dev.latente.pipelines;

import dev.latente.diffusion.Denoiser;
import dev.latente.diffusion.Guidance;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConditioning;
import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A U-Net with classifier-free guidance, for one run: both halves of a guided call go through the network at once. */
final class GuidedUNet implements Denoiser {
    private final UNet2DCondition unet;
    private final Guiding guiding;
    private final double[] timesteps;
    private final DType dtype;
    private final int steps;
    private final List<Part> parts;
    private final @Nullable Tensor extra; // [B,c,h,w], laid under the sample

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
     * @param timesteps of the run, one for each call
     * @param steps that the run takes
     * @param extra channels that the U-Net sees beside the sample [B,c,h,w], or null
     */
    GuidedUNet(
            UNet2DCondition unet,
            Guiding guiding,
            double[] timesteps,
            int steps,
            DType dtype,
            List<Part> parts,
            @Nullable Tensor extra) {
        this.unet = unet;
        this.guiding = guiding;
        this.timesteps = timesteps;
        this.steps = steps;
        this.dtype = dtype;
        this.parts = List.copyOf(parts);
        this.extra = extra;
    }

    @Override
    public Tensor predict(Tensor sample, double timestep) {
        Tensor x = Ops.to(extra == null ? sample : Ops.cat(1, sample, extra), dtype);
        int call = call(timestep);
        Part part = part(call * steps / timesteps.length + 1);
        double scale = Guidance.scaleWithin(guiding.scale(), guiding.from(), guiding.to(), call, timesteps.length);
        if (part.both == null || scale <= 1) {
            return Ops.to(forward(x, timestep, part.positive), DType.F32);
        }
        Tensor[] halves = Ops.chunk(Ops.to(forward(Ops.cat(0, x, x), timestep, part.both), DType.F32), 2, 0);
        Tensor guided = Guidance.combine(halves[0], halves[1], scale);
        return guiding.rescale() == 0 ? guided : Guidance.rescale(guided, halves[1], guiding.rescale());
    }

    private Tensor forward(Tensor x, double timestep, UNetConditioning conditioning) {
        return unet.forward(x, Ops.full(timestep, DType.F32, Ops.device(x), x.size(0)), conditioning);
    }

    private Part part(int step) {
        return parts.stream().filter(p -> step <= p.until).findFirst().orElse(parts.get(parts.size() - 1));
    }

    /** Which call of the run it is, from 0. */
    private int call(double timestep) {
        return (int) Arrays.stream(timesteps).filter(t -> t > timestep).count();
    }
}
