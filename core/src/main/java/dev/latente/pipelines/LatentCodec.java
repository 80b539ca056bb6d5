package dev.latente.pipelines;

import dev.latente.image.VaeImages;
import dev.latente.models.vae.Autoencoder;
import dev.latente.models.vae.AutoencoderKL;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/** Pictures to latents and back. Thread-safe. */
record LatentCodec(Autoencoder vae, DType dtype, Device device) {
    /** Side of a latent in pixels. */
    int factor() {
        return vae.config().factor();
    }

    long channels() {
        return vae.config().latentChannels();
    }

    /** image [N,3,H,W] in [-1,1] -> samples of its latents, over and over until the batch is full [B,C,h,w], in fp32. */
    Tensor encode(Tensor image, Seeds.Noise noise, int batch) {
        Tensor latents = vae.latents(Ops.to(image, dtype, device), (mean, std) -> {
            Tensor m = Ops.to(mean, DType.F32);
            Tensor s = Ops.to(std, DType.F32);
            if (noise.each()) {
                m = repeat(m, batch);
                s = repeat(s, batch);
            }
            return m.add(s.mul(noise.normal(Ops.shape(m))));
        });
        return repeat(Ops.to(latents, DType.F32), batch);
    }

    /** image [1,3,H,W] in [-1,1] -> its most probable latents, not scaled [1,C,h,w], in fp32. */
    Tensor mode(Tensor image) {
        return vae instanceof AutoencoderKL kl
                ? Ops.to(kl.encode(Ops.to(image, dtype, device)).mode(), DType.F32)
                : Ops.to(vae.latents(Ops.to(image, dtype, device), (mean, std) -> mean), DType.F32);
    }

    private static Tensor repeat(Tensor x, int batch) {
        return x.repeat(batch / x.size(0), 1, 1, 1);
    }

    /** latents [B,C,h,w] -> pictures [B,3,H,W] in [0,1], fp32; one at a time, so that memory does not grow with the batch. */
    Tensor decode(Tensor latents) {
        Tensor[] pictures = new Tensor[(int) latents.size(0)];
        for (int i = 0; i < pictures.length; i++) {
            Tensor decoded = vae.pictures(Ops.slice(latents, 0, i, i + 1));
            pictures[i] = VaeImages.denormalize(Ops.to(decoded, DType.F32));
        }
        return Ops.cat(0, pictures);
    }
}
