package dev.latente.pipelines;

import dev.latente.diffusion.Denoiser;
import dev.latente.diffusion.Guidance;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConditioning;
import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A U-Net with classifier-free guidance, for one run: both halves of a guided call go through the network at once. */
final class GuidedUNet implements Denoiser {
    private final UNet2DCondition unet;
    private final Guiding guiding;
    private final double[] timesteps;
    private final DType dtype;
    private final UNetConditioning positive;
    private final @Nullable UNetConditioning both; // the negative half first
    private final @Nullable Tensor extra; // [B,c,h,w], laid under the sample

    GuidedUNet(
            UNet2DCondition unet,
            Guiding guiding,
            double[] timesteps,
            DType dtype,
            UNetConditioning positive,
            @Nullable UNetConditioning both,
            @Nullable Tensor extra) {
        this.unet = unet;
        this.guiding = guiding;
        this.timesteps = timesteps;
        this.dtype = dtype;
        this.positive = positive;
        this.both = both;
        this.extra = extra;
    }

    @Override
    public Tensor predict(Tensor sample, double timestep) {
        Tensor x = Ops.to(extra == null ? sample : Ops.cat(1, sample, extra), dtype);
        if (both == null || !guiding.appliesAt(fraction(timestep))) {
            return Ops.to(forward(x, timestep, positive), DType.F32);
        }
        Tensor[] halves = Ops.chunk(Ops.to(forward(Ops.cat(0, x, x), timestep, both), DType.F32), 2, 0);
        Tensor guided = Guidance.combine(halves[0], halves[1], guiding.scale());
        return guiding.rescale() == 0 ? guided : Guidance.rescale(guided, halves[1], guiding.rescale());
    }

    private Tensor forward(Tensor x, double timestep, UNetConditioning conditioning) {
        return unet.forward(x, Ops.full(timestep, DType.F32, Ops.device(x), x.size(0)), conditioning);
    }

    /** How far the run is, 0 at the first call and 1 after the last. */
    private double fraction(double timestep) {
        long before = Arrays.stream(timesteps).filter(t -> t > timestep).count();
        return (double) before / timesteps.length;
    }
}
