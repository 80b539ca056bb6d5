package dev.latente.training.tasks;

import dev.latente.models.vae.AutoencoderKL;
import dev.latente.models.vae.Moments;
import dev.latente.models.vae.VaeConfig;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.training.Task;
import dev.latente.training.Turn;
import dev.latente.training.data.Batch;
import dev.latente.weights.WeightSource;
import java.util.Map;
import java.util.function.LongFunction;
import org.bytedeco.pytorch.Tensor;

/**
 * An autoencoder from nothing (Rombach et al. 2022, section 3.1): absolute and squared error of the picture, absolute error of
 * its gradients in place of a perceptual term, divergence of the latents. All terms are means over elements.
 *
 * <p>A further term asks that latents of half the size decode to the picture of half the size (EQ-VAE, Kouzelis et al. 2025,
 * section 3.2). Without it, latents hide details in patterns that a diffusion model finds hard to draw.
 */
public final class VaeTask implements Task {
    /**
     * Weights of the terms beside the absolute error, which counts once.
     *
     * @param squared of the squared error
     * @param edges of the absolute error of differences between neighbouring pixels
     * @param kl of the divergence in nats for each latent
     * @param equivariance of the absolute error of halved latents, decoded, from the halved picture
     * @param crop side of the random squares that are learned from, in pixels; 0 for whole pictures
     */
    public record Config(double squared, double edges, double kl, double equivariance, int crop) {
        public static final Config DEFAULT = new Config(2, 0.5, 1e-4, 0, 0);
    }

    private final VaeConfig vae;
    private final Config config;
    private final LongFunction<Batch> batches;

    public VaeTask(VaeConfig vae, Config config, LongFunction<Batch> batches) {
        this.vae = vae;
        this.config = config;
        this.batches = batches;
    }

    @Override
    public Loss loss(WeightSource weights, Turn turn) {
        try (Arena arena = new Arena();
                Rng rng = turn.rng("vae")) {
            AutoencoderKL model = new AutoencoderKL(Params.of(weights, arena), vae);
            Tensor pixels = crop(batches.apply(turn.index()).pixels(), config.crop, rng);
            Moments moments = new Moments(Ops.to(model.encode(pixels).parameters(), DType.F32));
            Tensor mean = moments.mean();
            Device device = Ops.device(mean);
            Tensor x = Ops.to(pixels, device);
            Tensor latents = moments.sample(Ops.to(rng.normal(Ops.shape(mean)), device));
            Tensor reconstruction = Ops.to(model.decode(latents), DType.F32);
            Tensor error = reconstruction.sub(x);
            Tensor absolute = error.abs().mean();
            Tensor squared = error.square().mean();
            Tensor edges = edges(error);
            Tensor kl = Ops.div(moments.kl().mean(), (double) mean.numel() / mean.size(0));
            Tensor total = Ops.addScaled(
                    Ops.addScaled(Ops.addScaled(absolute, squared, config.squared), edges, config.edges),
                    kl,
                    config.kl);
            if (config.equivariance == 0) {
                return new Loss(total, Map.of("absolute", absolute, "squared", squared, "edges", edges, "kl", kl));
            }
            Tensor halved = Ops.to(model.decode(halved(latents)), DType.F32)
                    .sub(halved(x))
                    .abs()
                    .mean();
            return new Loss(
                    Ops.addScaled(total, halved, config.equivariance),
                    Map.of("absolute", absolute, "squared", squared, "edges", edges, "kl", kl, "halved", halved));
        }
    }

    private static Tensor halved(Tensor x) {
        return Functional.resize(x, "area", x.size(2) / 2, x.size(3) / 2);
    }

    /** Mean absolute differences between neighbours, of columns and of rows; x [B,C,H,W] -> a scalar. */
    static Tensor edges(Tensor x) {
        return steps(x, 2).add(steps(x, 3));
    }

    /** Mean absolute difference between neighbours along a dimension. */
    private static Tensor steps(Tensor x, long dim) {
        long n = x.size(dim) - 1;
        return x.narrow(dim, 1, n).sub(x.narrow(dim, 0, n)).abs().mean();
    }

    /** Random squares, one of each picture; whole pictures where they are no larger, or side is 0. */
    static Tensor crop(Tensor x, long side, Rng rng) {
        if (side == 0 || side >= Math.min(x.size(2), x.size(3))) {
            return x;
        }
        Tensor[] squares = new Tensor[(int) x.size(0)];
        long[] top = Ops.longs(rng.integers(0, x.size(2) - side + 1, squares.length));
        long[] left = Ops.longs(rng.integers(0, x.size(3) - side + 1, squares.length));
        for (int i = 0; i < squares.length; i++) {
            squares[i] = x.narrow(0, i, 1).narrow(2, top[i], side).narrow(3, left[i], side);
        }
        return Ops.cat(0, squares);
    }
}
