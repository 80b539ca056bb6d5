package dev.latente.bench;

import dev.latente.diffusion.Guidance;
import dev.latente.diffusion.Schedulers;
import dev.latente.diffusion.Steps;
import dev.latente.diffusion.Trajectory;
import dev.latente.models.clip.ClipTextModel;
import dev.latente.models.unet.UNetConditioning;
import dev.latente.models.unet.UNetConfig;
import dev.latente.pipelines.Size;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/** The parts of pictures of one size, on random inputs. It lives in the scope that it was made in, as the inputs do. */
final class Workload {
    private static final double GUIDANCE = 7.5;

    private final Parts parts;
    private final Size size;
    private final int batch;
    private final long h;
    private final long w;

    /** @param batch pictures at once */
    Workload(Parts parts, Size size, int batch) {
        long factor = parts.vae().config().factor();
        this.parts = parts;
        this.size = size;
        this.batch = batch;
        h = size.height() / factor;
        w = size.width() / factor;
    }

    /** Of the latents. */
    long height() {
        return h;
    }

    long width() {
        return w;
    }

    /** Something to measure; its result belongs to the scope that it is run in. */
    record Task(String name, Flop flop, Supplier<Tensor> body) {}

    /** The prompt and the negative one of a guided picture, by all text encoders. */
    Task text() {
        Tensor ids = ids();
        Flop flop = Flop.NONE;
        for (ClipTextModel model : parts.text()) {
            flop = flop.plus(Flop.text(model.config(), tokens()).times(2));
        }
        return new Task("text encoder", flop, () -> text(ids));
    }

    /** A guided call: both halves of the batch. */
    Task unet() {
        UNetConditioning conditioning = conditioning();
        Tensor x = normal(parts.dtype(), 2L * batch, parts.unet().config().inChannels(), h, w);
        Flop flop = Flop.unet(parts.unet().config(), h, w, tokens()).times(2L * batch);
        return new Task("unet step", flop, () -> unet(x, 500, conditioning));
    }

    Task encode() {
        Tensor pictures = Ops.clamp(normal(parts.dtype(), batch, 3, size.height(), size.width()), -1, 1);
        Flop flop = Flop.encode(parts.vae().config(), h, w).times(batch);
        return new Task("vae encode", flop, () -> parts.vae().encode(pictures).parameters());
    }

    /** One picture after the other, as pipelines do. */
    Task decode() {
        Tensor latents = latents();
        Flop flop = Flop.decode(parts.vae().config(), h, w).times(batch);
        return new Task("vae decode", flop, () -> decode(latents));
    }

    /** All of it, in so many guided steps. */
    Task picture(int steps) {
        Tensor ids = ids();
        UNetConditioning conditioning = conditioning();
        Tensor latents = latents();
        Flop flop = text().flop.plus(unet().flop.times(steps), decode().flop);
        return new Task("picture", flop, () -> {
            text(ids);
            return decode(sample(latents, conditioning, steps));
        });
    }

    private Tensor latents() {
        return normal(parts.dtype(), batch, parts.vae().config().latentChannels(), h, w);
    }

    private Tensor ids() {
        return Ops.to(Ops.range(tokens()), parts.device()).repeat(2, 1);
    }

    private Tensor text(Tensor ids) {
        return parts.text().stream()
                .map((ClipTextModel t) -> t.forward(ids, null).lastHiddenState())
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    private Tensor unet(Tensor x, double timestep, UNetConditioning conditioning) {
        return parts.unet().forward(x, Ops.full(timestep, DType.F32, parts.device(), 1), conditioning);
    }

    private Tensor decode(Tensor latents) {
        for (int i = 1; i < batch; i++) {
            Tensor one = latents.narrow(0, i, 1);
            Scopes.run(() -> parts.vae().decode(one));
        }
        return parts.vae().decode(latents.narrow(0, 0, 1));
    }

    /** How many tokens a text encoder reads at once. */
    private long tokens() {
        return parts.text().get(0).config().positions();
    }

    /** Random conditioning of a guided call. */
    private UNetConditioning conditioning() {
        DType dtype = parts.dtype();
        Device device = parts.device();
        UNetConfig config = parts.unet().config();
        long n = 2L * batch;
        long width = config.down().stream()
                .filter(UNetConfig.Stage::attention)
                .findFirst()
                .orElseThrow()
                .contextSize();
        Tensor states = normal(dtype, n, tokens(), width);
        long pooled =
                config.embeddings().projectionSize() - 6 * config.embeddings().additionTimeSize();
        UNetConditioning result = UNetConditioning.text(states);
        if (config.embeddings().additionTimeSize() > 0) {
            double[] ids = {size.height(), size.width(), 0, 0, size.height(), size.width()};
            Tensor times = Ops.to(Ops.of(ids, 1, 6), dtype, device).repeat(n, 1);
            result = UNetConditioning.textAndTime(states, normal(dtype, n, pooled), times);
        }
        long cond = config.embeddings().condSize();
        return cond == 0 ? result : result.withTimestepCond(normal(dtype, n, cond));
    }

    /** Noise [B,C,h,w] -> clean latents. */
    private Tensor sample(Tensor start, UNetConditioning conditioning, int steps) {
        Trajectory trajectory = Schedulers.of(parts.scheduler()).trajectory(Steps.of(steps));
        Tensor x = Ops.mul(Ops.to(start, DType.F32), trajectory.initNoiseSigma());
        Tensor clean = trajectory.sample(
                x,
                (sample, timestep) -> {
                    Tensor one = Ops.to(sample, parts.dtype());
                    Tensor both = Ops.to(unet(Ops.cat(0, one, one), timestep, conditioning), DType.F32);
                    Tensor[] halves = Ops.chunk(both, 2, 0);
                    return Guidance.combine(halves[0], halves[1], GUIDANCE);
                },
                shape -> normal(DType.F32, shape),
                (call, timestep, next) -> next);
        return Ops.to(parts.vae().unscale(clean), parts.dtype());
    }

    private Tensor normal(DType dtype, long... shape) {
        return normal(dtype, parts.device(), shape);
    }

    static Tensor normal(DType dtype, Device device, long... shape) {
        try (Rng rng = new Rng(0)) {
            return Ops.to(rng.normal(shape), dtype, device);
        }
    }
}
