package dev.latente.bench;

import dev.latente.diffusion.Guidance;
import dev.latente.diffusion.Schedulers;
import dev.latente.diffusion.Steps;
import dev.latente.diffusion.Trajectory;
import dev.latente.models.clip.ClipTextModel;
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
        if (parts.t5() != null) {
            flop = flop.plus(Flop.text(parts.t5().config(), Denoiser.T5_TOKENS).times(2));
        }
        return new Task("text encoder", flop, () -> text(ids));
    }

    /** A guided call: the same latents with both prompts. Its operations are counted as those of a batch of two. */
    Task step() {
        Denoiser.Guided told = told();
        Tensor x = normal(batch, parts.denoiser().inChannels(), h, w);
        Flop flop = parts.denoiser().flop(h, w, tokens()).times(2L * batch);
        return new Task(parts.denoiser().name() + " step", flop, () -> told.forward(x, timestep(500)));
    }

    Task encode() {
        Tensor pictures = Ops.clamp(normal(batch, 3, size.height(), size.width()), -1, 1);
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
        Denoiser.Guided told = told();
        Tensor latents = latents();
        Flop flop = text().flop.plus(step().flop.times(steps), decode().flop);
        return new Task("picture", flop, () -> {
            text(ids);
            return decode(sample(latents, told, steps));
        });
    }

    private Tensor latents() {
        return normal(batch, parts.vae().config().latentChannels(), h, w);
    }

    private Tensor ids() {
        return Ops.to(Ops.range(tokens()), parts.device()).repeat(2, 1);
    }

    private Tensor text(Tensor ids) {
        Tensor last = parts.text().stream()
                .map((ClipTextModel t) -> t.forward(ids, null).lastHiddenState())
                .reduce((first, second) -> second)
                .orElseThrow();
        if (parts.t5() == null) {
            return last;
        }
        Tensor more = Ops.to(Ops.range(Denoiser.T5_TOKENS), parts.device()).repeat(2, 1);
        return parts.t5().forward(more, null).lastHiddenState();
    }

    private Tensor timestep(double timestep) {
        return Ops.full(timestep, DType.F32, parts.device(), 1);
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

    private Denoiser.Guided told() {
        return parts.denoiser().told(size, tokens(), batch, this::normal);
    }

    /** Noise [B,C,h,w] -> clean latents. */
    private Tensor sample(Tensor start, Denoiser.Guided told, int steps) {
        Trajectory trajectory = Schedulers.of(parts.scheduler()).trajectory(Steps.of(steps));
        Tensor x = Ops.mul(Ops.to(start, DType.F32), trajectory.initNoiseSigma());
        Tensor clean = trajectory.sample(
                x,
                (sample, timestep) -> {
                    Tensor one = Ops.to(sample, parts.dtype());
                    Tensor both = Ops.to(told.forward(one, timestep(timestep)), DType.F32);
                    Tensor[] halves = Ops.chunk(both, 2, 0);
                    return Guidance.combine(halves[0], halves[1], GUIDANCE);
                },
                shape -> normal(DType.F32, parts.device(), shape),
                (call, timestep, next) -> next);
        return Ops.to(parts.vae().unscale(clean), parts.dtype());
    }

    private Tensor normal(long... shape) {
        return normal(parts.dtype(), parts.device(), shape);
    }

    static Tensor normal(DType dtype, Device device, long... shape) {
        try (Rng rng = new Rng(0)) {
            return Ops.to(rng.normal(shape), dtype, device);
        }
    }
}
