package dev.latente.pipelines;

import dev.latente.image.VaeImages;
import dev.latente.models.vae.AutoencoderKL;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/** Pictures to latents and back. Thread-safe. */
record LatentCodec(AutoencoderKL vae, DType dtype, Device device) {
    /** Side of a latent in pixels. */
    int factor() {
        return vae.config().factor();
    }

    long channels() {
        return vae.config().latentChannels();
    }

    /** image [N,3,H,W] in [-1,1] -> samples of its latents, over and over until the batch is full [B,C,h,w], in fp32. */
    Tensor encode(Tensor image, Seeds.Noise noise, int batch) {
        var moments = vae.encode(Ops.to(image, dtype, device));
        Tensor mean = Ops.to(moments.mean(), DType.F32);
        Tensor std = Ops.to(moments.std(), DType.F32);
        if (noise.each()) {
            mean = repeat(mean, batch);
            std = repeat(std, batch);
        }
        return repeat(vae.scale(mean.add(std.mul(noise.normal(Ops.shape(mean))))), batch);
    }

    private static Tensor repeat(Tensor x, int batch) {
        return x.repeat(batch / x.size(0), 1, 1, 1);
    }

    /** latents [B,C,h,w] -> pictures [B,3,H,W] in [0,1], fp32; one at a time, so that memory does not grow with the batch. */
    Tensor decode(Tensor latents) {
        Tensor[] pictures = new Tensor[(int) latents.size(0)];
        for (int i = 0; i < pictures.length; i++) {
            Tensor one = Ops.slice(latents, 0, i, i + 1);
            Tensor decoded = vae.decode(Ops.to(vae.unscale(one), dtype, device));
            pictures[i] = VaeImages.denormalize(Ops.to(decoded, DType.F32));
        }
        return Ops.cat(0, pictures);
    }
}
