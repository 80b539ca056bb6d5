package dev.latente.models.vae;

import dev.latente.nn.Activation;
import dev.latente.nn.Conv2d;
import dev.latente.nn.Params;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A tiny autoencoder that was taught to do what a large one does (TAESD, github.com/madebyollin/taesd): previews, and pictures
 * in a fraction of the time, with softer details. Its latents are those that the diffusion model works on, and no
 * distribution. Keys as in diffusers' {@code AutoencoderTiny}. Thread-safe.
 */
public final class AutoencoderTiny implements Autoencoder {
    private final AutoencoderTinyConfig config;
    private final @Nullable Tower encoder;
    private final Tower decoder;

    public AutoencoderTiny(Params p, AutoencoderTinyConfig config) {
        this.config = config;
        encoder = config.encoderBlocks().isEmpty() ? null : new Tower(p.at("encoder")).encoder(config);
        decoder = new Tower(p.at("decoder")).decoder(config);
    }

    @Override
    public AutoencoderTinyConfig config() {
        return config;
    }

    @Override
    public AutoencoderTiny tiled() {
        return this;
    }

    /**
     * Pictures in [-1, 1] [B,in,H,W] -> latents, not scaled [B,latent,H/f,W/f], in the weights' dtype, on their device.
     *
     * @throws IllegalArgumentException if it has only a decoder
     */
    public Tensor encode(Tensor x) {
        if (encoder == null) {
            throw new IllegalArgumentException(
                    "tiny autoencoder: has no encoder, which a picture to start from needs: take one with both halves");
        }
        return encoder.forward(Ops.mul(Ops.add(x, 1), 0.5));
    }

    /** Latents, not scaled [B,latent,h,w] -> pictures about [-1, 1] [B,out,h·f,w·f]. */
    public Tensor decode(Tensor z) {
        Tensor limited = Ops.mul(Ops.div(z, 3).tanh(), 3);
        return Ops.sub(Ops.mul(decoder.forward(limited), 2), 1);
    }

    @Override
    public Tensor latents(Tensor x, BinaryOperator<Tensor> draw) {
        return Ops.mul(encode(x), config.scalingFactor());
    }

    @Override
    public Tensor pictures(Tensor latents) {
        return decode(Ops.div(latents, config.scalingFactor()));
    }

    /** The encoder or the decoder: numbered layers, as they are stored. */
    private static final class Tower {
        private final Params path;
        private final List<UnaryOperator<Tensor>> layers = new ArrayList<>();
        private @Nullable Conv2d first;
        private int number;

        Tower(Params p) {
            path = p.at("layers");
        }

        Tower encoder(AutoencoderTinyConfig c) {
            first(c.inChannels(), c.channels());
            for (int level = 0; level < c.encoderBlocks().size(); level++) {
                if (level > 0) {
                    unbiased(c.channels(), 2);
                }
                blocks(c.encoderBlocks().get(level), c);
            }
            return last(c.channels(), c.latentChannels());
        }

        Tower decoder(AutoencoderTinyConfig c) {
            first(c.latentChannels(), c.channels());
            step(c.activation()::consume);
            for (int level = 0; level < c.decoderBlocks().size(); level++) {
                if (level > 0) {
                    step(x -> Functional.upsampleNearest(x, 2 * x.size(2), 2 * x.size(3)));
                    unbiased(c.channels(), 1);
                }
                blocks(c.decoderBlocks().get(level), c);
            }
            return last(c.channels(), c.outChannels());
        }

        private void first(long in, long out) {
            first = new Conv2d(path.at(number), in, out, 3);
            step(first::forward);
        }

        private Tower last(long in, long out) {
            step(new Conv2d(path.at(number), in, out, 3)::forward);
            return this;
        }

        private void step(UnaryOperator<Tensor> layer) {
            layers.add(layer);
            number++;
        }

        private void unbiased(long channels, long stride) {
            Tensor weight = path.at(number).get("weight", channels, channels, 3, 3);
            step(x -> Functional.conv2d(x, weight, null, stride, 1));
        }

        /** Three convolutions, added to what they were given (He et al. 2016). */
        private void blocks(int count, AutoencoderTinyConfig c) {
            for (int i = 0; i < count; i++) {
                Params conv = path.at(number).at("conv");
                Conv2d a = new Conv2d(conv.at(0), c.channels(), c.channels(), 3);
                Conv2d b = new Conv2d(conv.at(2), c.channels(), c.channels(), 3);
                Conv2d d = new Conv2d(conv.at(4), c.channels(), c.channels(), 3);
                Activation f = c.activation();
                step(x -> Activation.RELU.consume(
                        d.forward(f.consume(b.forward(f.consume(a.forward(x))))).add_(x)));
            }
        }

        /** In the dtype and on the device of the weights; frees what a layer made as soon as the next has used it. */
        Tensor forward(Tensor x) {
            return Scopes.chain(Ops.channelsLast(Objects.requireNonNull(first).accept(x)), layers);
        }
    }
}
