package dev.latente.bench;

import dev.latente.models.mmdit.MMDiT;
import dev.latente.models.mmdit.MMDiTConfig;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConditioning;
import dev.latente.models.unet.UNetConfig;
import dev.latente.nn.Params;
import dev.latente.pipelines.Checkpoint;
import dev.latente.pipelines.MemoryBudget;
import dev.latente.pipelines.Size;
import dev.latente.pipelines.UntrainedCheckpoint;
import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/** The network that a guided step calls: a U-Net or a transformer. */
sealed interface Denoiser {
    /** Tokens that T5 reads. */
    long T5_TOKENS = 256;

    static Denoiser of(Checkpoint c) {
        return c.hasUNet() ? new OfUNet(c.unet()) : new OfTransformer(c.transformer());
    }

    static Denoiser of(UntrainedCheckpoint shapes, Params weights) {
        return shapes.configs().containsKey("transformer")
                ? new OfTransformer(new MMDiT(weights, MMDiTConfig.of(Parts.config(shapes, "transformer"))))
                : new OfUNet(new UNet2DCondition(weights, UNetConfig.of(Parts.config(shapes, "unet"))));
    }

    String name();

    long inChannels();

    /** Side of the latents that it was trained on. */
    long sampleSize();

    /** One sample of height h and width w in latents, with a prompt of which CLIP reads so many tokens. */
    Flop flop(long h, long w, long tokens);

    /** Bytes that a guided call takes beside the weights. */
    long working(DType dtype, long h, long w, int batch);

    /** Tells it random prompts, positive and negative, for so many pictures; {@code normal} makes numbers in its dtype. */
    Guided told(Size size, long tokens, int batch, Function<long[], Tensor> normal);

    /** A network that was told both prompts. */
    @FunctionalInterface
    interface Guided {
        /** x [B,C,h,w], t [1] -> [2B,C,h,w]. */
        Tensor forward(Tensor x, Tensor t);
    }

    /** Stable Diffusion 1, 2 or XL. */
    record OfUNet(UNet2DCondition unet) implements Denoiser {
        @Override
        public String name() {
            return "unet";
        }

        @Override
        public long inChannels() {
            return unet.config().inChannels();
        }

        @Override
        public long sampleSize() {
            return unet.config().sampleSize();
        }

        @Override
        public Flop flop(long h, long w, long tokens) {
            return Flop.unet(unet.config(), h, w, tokens);
        }

        @Override
        public long working(DType dtype, long h, long w, int batch) {
            return MemoryBudget.ofStep(unet.config(), dtype, h, w, 2 * batch);
        }

        @Override
        public Guided told(Size size, long tokens, int batch, Function<long[], Tensor> normal) {
            UNetConditioning both = RandomCall.conditioning(unet.config(), 2L * batch, tokens, size, normal);
            return (x, t) -> unet.forward(x, t, both);
        }
    }

    /** Stable Diffusion 3 or 3.5. */
    record OfTransformer(MMDiT transformer) implements Denoiser {
        @Override
        public String name() {
            return "transformer";
        }

        @Override
        public long inChannels() {
            return transformer.config().inChannels();
        }

        @Override
        public long sampleSize() {
            return transformer.config().sampleSize();
        }

        @Override
        public Flop flop(long h, long w, long tokens) {
            return Flop.transformer(transformer.config(), h, w, tokens + T5_TOKENS);
        }

        @Override
        public long working(DType dtype, long h, long w, int batch) {
            return MemoryBudget.ofStep(transformer.config(), dtype, h, w, 2 * batch);
        }

        @Override
        public Guided told(Size size, long tokens, int batch, Function<long[], Tensor> normal) {
            MMDiTConfig c = transformer.config();
            Tensor text = normal.apply(new long[] {2L * batch, tokens + T5_TOKENS, c.textSize()});
            Tensor pooled = normal.apply(new long[] {2L * batch, c.pooledSize()});
            return (x, t) -> transformer.forward(Ops.cat(0, x, x), t, text, pooled);
        }
    }
}
