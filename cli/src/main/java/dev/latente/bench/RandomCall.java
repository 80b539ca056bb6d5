package dev.latente.bench;

import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConditioning;
import dev.latente.models.unet.UNetConfig;
import dev.latente.pipelines.Size;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/** Calls of a U-Net with random numbers. */
public final class RandomCall {
    private static final int TIMESTEP = 500;
    private static final long TOKENS = 77;
    private static final long MOST = 64;
    /** Pixels of a latent, which SDXL is told. */
    private static final int FACTOR = 8;

    private RandomCall() {}

    /**
     * What a U-Net makes of numbers that are the same for every U-Net of its shape: one sample of the size it was trained on,
     * but of at most 64 latents a side, in the middle of the schedule.
     *
     * @return [1,out_channels,h,w] in that dtype
     */
    public static Tensor of(UNet2DCondition unet, DType dtype, Device device, long seed) {
        UNetConfig config = unet.config();
        long side = Math.min(MOST, config.sampleSize());
        int pixels = (int) side * FACTOR;
        try (Rng rng = new Rng(seed)) {
            Function<long[], Tensor> normal = shape -> Ops.to(rng.normal(shape), dtype, device);
            Tensor sample = normal.apply(new long[] {1, config.inChannels(), side, side});
            UNetConditioning conditioning = conditioning(config, 1, TOKENS, new Size(pixels, pixels), normal);
            return unet.forward(sample, Ops.full(TIMESTEP, DType.F32, device, 1), conditioning);
        }
    }

    /** Random text states, and whatever else the U-Net is told. */
    static UNetConditioning conditioning(
            UNetConfig config, long batch, long tokens, Size size, Function<long[], Tensor> normal) {
        long width = config.down().stream()
                .filter(UNetConfig.Stage::attention)
                .findFirst()
                .orElseThrow()
                .contextSize();
        Tensor states = normal.apply(new long[] {batch, tokens, width});
        long pooled =
                config.embeddings().projectionSize() - 6 * config.embeddings().additionTimeSize();
        UNetConditioning result = UNetConditioning.text(states);
        if (config.embeddings().additionTimeSize() > 0) {
            double[] ids = {size.height(), size.width(), 0, 0, size.height(), size.width()};
            Tensor times = Ops.to(Ops.of(ids, 1, 6), Ops.dtype(states), Ops.device(states))
                    .repeat(batch, 1);
            result = UNetConditioning.textAndTime(states, normal.apply(new long[] {batch, pooled}), times);
        }
        long cond = config.embeddings().condSize();
        return cond == 0 ? result : result.withTimestepCond(normal.apply(new long[] {batch, cond}));
    }
}
