package dev.latente.models.vae;

import dev.latente.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/**
 * The normal distribution of latents that a picture is encoded as (Kingma and Welling 2014).
 *
 * @param parameters mean and logarithm of the variance [B,2·C,h,w], as the encoder gives them
 */
public record Moments(Tensor parameters) {
    /** [B,C,h,w]. */
    public Tensor mean() {
        return Ops.chunk(parameters, 2, 1)[0];
    }

    /** Logarithm of the variance, kept within [-30, 20] [B,C,h,w]. */
    public Tensor logvar() {
        return Ops.clamp(Ops.chunk(parameters, 2, 1)[1], -30, 20);
    }

    public Tensor std() {
        return Ops.mul(logvar(), 0.5).exp();
    }

    /** The most probable latents [B,C,h,w]. */
    public Tensor mode() {
        return mean();
    }

    /** Latents drawn with standard normal noise [B,C,h,w]. */
    public Tensor sample(Tensor noise) {
        return mean().add(std().mul(noise));
    }

    /** Divergence from the standard normal distribution, in nats [B]. */
    public Tensor kl() {
        Tensor logvar = logvar();
        Tensor each = Ops.add(mean().square().add(logvar.exp()).sub(logvar), -1);
        return Ops.mul(each.flatten(1, -1).sum(1), 0.5);
    }
}
