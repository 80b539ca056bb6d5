package dev.latente.models.vae;

import dev.latente.nn.Conv2d;
import dev.latente.nn.Params;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Variational autoencoder (Rombach et al. 2022, section 3.1) of Stable Diffusion 1, 2, XL and 3. Keys as in diffusers'
 * {@code AutoencoderKL}; thread-safe.
 */
public final class AutoencoderKL implements Autoencoder {
    private final VaeConfig config;
    private final Tower encoder;
    private final Tower decoder;
    private final @Nullable Conv2d quantConv;
    private final @Nullable Conv2d postQuantConv;
    private final @Nullable Tiling tiling;
    private final boolean slicing;

    public AutoencoderKL(Params p, VaeConfig config) {
        this.config = config;
        long latent = config.latentChannels();
        encoder = Tower.encoder(p.at("encoder"), config);
        decoder = Tower.decoder(p.at("decoder"), config);
        quantConv = config.quantConv() ? new Conv2d(p.at("quant_conv"), 2 * latent, 2 * latent, 1) : null;
        postQuantConv = config.postQuantConv() ? new Conv2d(p.at("post_quant_conv"), latent, latent, 1) : null;
        tiling = null;
        slicing = false;
    }

    private AutoencoderKL(AutoencoderKL other, @Nullable Tiling tiling, boolean slicing) {
        config = other.config;
        encoder = other.encoder;
        decoder = other.decoder;
        quantConv = other.quantConv;
        postQuantConv = other.postQuantConv;
        this.tiling = tiling;
        this.slicing = slicing;
    }

    @Override
    public AutoencoderKL tiled() {
        return withTiling(Tiling.of(config));
    }

    /** The same weights, working tile by tile where a picture is larger than a tile; null to work on whole pictures. */
    public AutoencoderKL withTiling(@Nullable Tiling tiling) {
        return new AutoencoderKL(this, tiling, slicing);
    }

    /** The same weights, working picture by picture. */
    public AutoencoderKL withSlicing(boolean slicing) {
        return new AutoencoderKL(this, tiling, slicing);
    }

    @Override
    public VaeConfig config() {
        return config;
    }

    @Override
    public Tensor latents(Tensor x, BinaryOperator<Tensor> draw) {
        Moments moments = encode(x);
        return scale(draw.apply(moments.mean(), moments.std()));
    }

    @Override
    public Tensor pictures(Tensor latents) {
        return decode(unscale(latents));
    }

    /** x: pictures in [-1, 1] [B,in,H,W] -> distributions of latents [B,latent,H/f,W/f], in the weights' dtype, on their device. */
    public Moments encode(Tensor x) {
        return new Moments(sliced(encoder.accept(x), this::encodeBatch));
    }

    /** z: latents, {@linkplain #unscale not scaled} [B,latent,h,w] -> pictures about [-1, 1] [B,out,h·f,w·f]. */
    public Tensor decode(Tensor z) {
        return sliced(decoder.accept(z), this::decodeBatch);
    }

    /** From latents of this autoencoder to those that diffusion models work on, of about unit variance. */
    public Tensor scale(Tensor z) {
        Tensor centred = z.sub(mean(z));
        return config.latentsStd().isEmpty()
                ? Ops.mul(centred, config.scalingFactor())
                : Ops.mul(centred, config.scalingFactor()).div(perChannel(config.latentsStd(), z));
    }

    /** From latents that diffusion models work on to those that {@link #decode} takes. */
    public Tensor unscale(Tensor latents) {
        Tensor z = config.latentsStd().isEmpty() ? latents : latents.mul(perChannel(config.latentsStd(), latents));
        return Ops.div(z, config.scalingFactor()).add(mean(latents));
    }

    private Tensor mean(Tensor like) {
        return perChannel(config.latentsMean().isEmpty() ? List.of(config.shiftFactor()) : config.latentsMean(), like);
    }

    /** One value, or one for each channel -> [C,1,1]. */
    private static Tensor perChannel(List<Double> values, Tensor like) {
        double[] array = values.stream().mapToDouble(Double::doubleValue).toArray();
        return Ops.to(Ops.of(array, array.length, 1, 1), Ops.dtype(like), Ops.device(like));
    }

    private Tensor sliced(Tensor x, UnaryOperator<Tensor> body) {
        return Scopes.keep(() -> {
            if (!slicing || x.size(0) < 2) {
                return body.apply(x);
            }
            Tensor[] parts = Ops.chunk(x, (int) x.size(0), 0);
            for (int i = 0; i < parts.length; i++) {
                Tensor part = parts[i];
                parts[i] = Scopes.keep(() -> body.apply(part));
            }
            return Ops.cat(0, parts);
        });
    }

    private Tensor encodeBatch(Tensor x) {
        return tiling != null && tiling.splitsPicture(x) ? tiling.encode(x, this::encodeTile) : encodeTile(x);
    }

    private Tensor decodeBatch(Tensor z) {
        return tiling != null && tiling.splitsLatents(z) ? tiling.decode(z, this::decodeTile) : decodeTile(z);
    }

    private Tensor encodeTile(Tensor x) {
        Tensor moments = encoder.forward(x);
        return quantConv == null ? moments : quantConv.forward(moments);
    }

    private Tensor decodeTile(Tensor z) {
        return decoder.forward(postQuantConv == null ? z : postQuantConv.forward(Ops.channelsLast(z)));
    }
}
