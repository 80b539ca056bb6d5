package dev.latente.pipelines;

import dev.latente.image.Picture;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import org.bytedeco.pytorch.Tensor;

/** A cheap picture of latents: one linear map from four channels to colour, at the size of the latents. */
public final class LatentPreview {
    /** Least squares fit of colours in [-1,1] to SD1's latents. */
    private static final float[] SD = {
        0.3512f, 0.2297f, 0.3227f, 0.3250f, 0.4974f, 0.2350f, -0.2829f, 0.1762f, 0.2721f, -0.2120f, -0.2616f, -0.7177f
    };

    private static final float[] SDXL = {
        0.3651f, 0.4232f, 0.4341f, -0.2533f, -0.0042f, 0.1068f, 0.1076f, 0.1111f, -0.0362f, -0.3165f, -0.2492f, -0.2188f
    };

    private LatentPreview() {}

    /**
     * The first picture of a batch.
     *
     * @param latents [B,4,h,w], with any amount of noise
     * @param xl whether they are SDXL's
     */
    public static Picture of(Tensor latents, boolean xl) {
        return Scopes.within(() -> {
            Tensor x = Ops.to(Ops.slice(latents, 0, 0, 1), dev.latente.tensor.DType.F32, dev.latente.tensor.Device.CPU);
            // Early latents are mostly noise of a large variance: bring them to that of clean ones.
            double deviation = Math.sqrt(Ops.doubles(x.mul(x).mean())[0]);
            Tensor unit = Ops.div(x, Math.max(1, deviation)).permute(0, 2, 3, 1); // [1,h,w,4]
            Tensor colour = unit.matmul(Ops.of(xl ? SDXL : SD, 4, 3)).permute(0, 3, 1, 2); // [1,3,h,w]
            return Picture.fromTensor(dev.latente.image.VaeImages.denormalize(colour))[0];
        });
    }
}
