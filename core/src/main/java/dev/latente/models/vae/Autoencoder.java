package dev.latente.models.vae;

import java.util.function.BinaryOperator;
import org.bytedeco.pytorch.Tensor;

/** Makes pictures into the latents that a diffusion model works on, and back. */
public sealed interface Autoencoder permits AutoencoderKL, AutoencoderTiny {
    /** How many pixels a latent is wide. */
    int factor();

    long latentChannels();

    /**
     * Encodes and scales.
     *
     * @param x pictures in [-1, 1] [B,in,H,W]
     * @param draw makes latents of their mean and standard deviation, both [B,latent,H/f,W/f]; not asked where there is no
     *     distribution to draw from
     * @return [B,latent,H/f,W/f]
     */
    Tensor latents(Tensor x, BinaryOperator<Tensor> draw);

    /** Scales back and decodes: latents [B,latent,h,w] -> pictures about [-1, 1] [B,out,h·f,w·f]. */
    Tensor pictures(Tensor latents);
}
