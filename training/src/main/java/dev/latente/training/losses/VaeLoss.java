package dev.latente.training.losses;

import dev.latente.models.vae.Moments;
import dev.latente.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/**
 * The loss of an autoencoder without its perceptual and adversarial terms (Rombach et al. 2022, appendix G): how unlikely the
 * pictures are, plus how far the latents are from a standard normal distribution, for a picture on average.
 */
public final class VaeLoss {
    private VaeLoss() {}

    /**
     * All of it, a scalar.
     *
     * @param logvar logarithm of the reconstruction's scale, a scalar that may be learned; 0 to start with
     * @param klWeight 1e-6 for Stable Diffusion's
     */
    public static Tensor of(Tensor pictures, Tensor reconstruction, Moments moments, Tensor logvar, double klWeight) {
        return Ops.addScaled(negativeLogLikelihood(pictures, reconstruction, logvar), divergence(moments), klWeight);
    }

    /** Laplace distribution about the reconstruction, without a constant; pictures and reconstruction [B,C,H,W] -> a scalar. */
    public static Tensor negativeLogLikelihood(Tensor pictures, Tensor reconstruction, Tensor logvar) {
        Tensor error = pictures.sub(reconstruction).abs();
        return Ops.div(error.div(logvar.exp()).add(logvar).sum(), (double) pictures.size(0));
    }

    /** Divergence of the latents from a standard normal distribution in nats, a scalar. */
    public static Tensor divergence(Moments moments) {
        return moments.kl().mean();
    }
}
