package dev.latente.models.vae;

import dev.latente.nn.Params;
import java.util.function.BinaryOperator;
import org.bytedeco.pytorch.Tensor;

/** Makes pictures into the latents that a diffusion model works on, and back. */
public sealed interface Autoencoder permits AutoencoderKL, AutoencoderTiny {
    /** The one that a configuration describes. */
    static Autoencoder of(Params p, AutoencoderConfig config) {
        return config instanceof AutoencoderTinyConfig tiny
                ? new AutoencoderTiny(p, tiny)
                : new AutoencoderKL(p, (VaeConfig) config);
    }

    AutoencoderConfig config();

    /** The same weights, working in tiles on pictures larger than it was trained on, if it takes much memory for them. */
    Autoencoder tiled();

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
