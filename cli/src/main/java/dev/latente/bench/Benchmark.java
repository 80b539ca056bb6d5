package dev.latente.bench;

import dev.latente.diffusion.Guidance;
import dev.latente.diffusion.Schedulers;
import dev.latente.diffusion.Steps;
import dev.latente.diffusion.Trajectory;
import dev.latente.models.clip.ClipTextModel;
import dev.latente.models.unet.UNetConditioning;
import dev.latente.pipelines.Size;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Memory;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/**
 * Measures one thing after the other, each once to warm up and then {@code repeat} times. Inputs are random numbers. Shares
 * are of the last peak that was measured.
 */
public final class Benchmark {
    private static final double GUIDANCE = 7.5;
    private static final int TIMES = 5;

    private final int repeat;
    private final Consumer<Measurement> listener;
    private final List<Measurement> results = new ArrayList<>();
    private double peak;

    /** @param listener told of each result as it comes */
    public Benchmark(int repeat, Consumer<Measurement> listener) {
        this.repeat = repeat;
        this.listener = listener;
    }

    public List<Measurement> results() {
        return List.copyOf(results);
    }

    /** What the machine can do at most: the largest convolution of Stable Diffusion, a large product, copying memory. */
    public void machine(DType dtype, Device device) {
        Scopes.run(() -> {
            Tensor x = Ops.channelsLast(normal(dtype, device, 2, 320, 64, 64));
            Tensor weight = Ops.channelsLast(normal(dtype, device, 320, 320, 3, 3));
            Tensor bias = normal(dtype, device, 320);
            String name = dtype.name().toLowerCase(Locale.ROOT);
            peak = 0;
            compute("peak conv " + name, TIMES * Flop.conv(320, 320, 3, 2 * 64 * 64), () -> {
                for (int i = 1; i < TIMES; i++) {
                    Scopes.run(() -> Functional.conv2d(x, weight, bias, 1, 1));
                }
                return Functional.conv2d(x, weight, bias, 1, 1);
            });
            Tensor a = normal(dtype, device, 2048, 2048);
            Tensor b = normal(dtype, device, 2048, 2048);
            compute("peak matmul " + name, TIMES * Flop.linear(2048, 2048, 2048), () -> {
                for (int i = 1; i < TIMES; i++) {
                    Scopes.run(() -> a.mm(b));
                }
                return a.mm(b);
            });
            int n = results.size();
            peak = 1e9 * Math.max(results.get(n - 1).rate(), results.get(n - 2).rate());
        });
    }

    /** Copies 128 MB; every byte is read and written. */
    public void memory(Device device) {
        Scopes.run(() -> {
            Tensor from = Ops.zeros(DType.U8, device, 128 << 20);
            Tensor to = Ops.zeros(DType.U8, device, 128 << 20);
            add("memory copy", time(() -> to.copy_(from)), 0, 2 * (128 << 20));
        });
    }

    /** Something that is no arithmetic, such as loading that many bytes. */
    public void load(long bytes, Runnable body) {
        double[] seconds = new double[repeat];
        for (int i = 0; i < repeat; i++) {
            seconds[i] = seconds(body);
        }
        add("load", median(seconds), 0, bytes);
    }

    /** The parts of a picture of that size, then whole pictures of {@code steps} guided steps; 0 for none. */
    public void parts(Parts parts, Size size, int steps) {
        long factor = parts.vae().config().factor();
        long h = size.height() / factor;
        long w = size.width() / factor;
        DType dtype = parts.dtype();
        Device device = parts.device();
        long channels = parts.vae().config().latentChannels();
        Scopes.run(() -> {
            long tokens = tokens(parts);
            long textFlop = parts.text().stream()
                    .mapToLong(t -> Flop.text(t.config(), tokens))
                    .sum();
            Tensor ids = Ops.to(Ops.range(tokens), device).unsqueeze(0);
            compute("text encoder", textFlop, () -> text(parts, ids));

            UNetConditioning conditioning = RandomCall.conditioning(
                    parts.unet().config(), 2, tokens, size, shape -> normal(dtype, device, shape));
            long unetFlop = 2 * Flop.unet(parts.unet().config(), h, w, tokens);
            Tensor x = normal(dtype, device, 2, parts.unet().config().inChannels(), h, w);
            compute("unet step", unetFlop, () -> unet(parts, x, 500, conditioning));

            Tensor picture = Ops.clamp(normal(dtype, device, 1, 3, size.height(), size.width()), -1, 1);
            compute(
                    "vae encode",
                    Flop.encode(parts.vae().config(), h, w),
                    () -> parts.vae().encode(picture).parameters());
            Tensor latents = normal(dtype, device, 1, channels, h, w);
            long decodeFlop = Flop.decode(parts.vae().config(), h, w);
            compute("vae decode", decodeFlop, () -> parts.vae().decode(latents));
            if (steps > 0) {
                compute("picture", 2 * textFlop + steps * unetFlop + decodeFlop, () -> {
                    text(parts, ids);
                    text(parts, ids);
                    return parts.vae().decode(sample(parts, latents, conditioning, steps));
                });
            }
        });
    }

    private static Tensor text(Parts parts, Tensor ids) {
        return parts.text().stream()
                .map((ClipTextModel t) -> t.forward(ids, null).lastHiddenState())
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    private static Tensor unet(Parts parts, Tensor x, double timestep, UNetConditioning conditioning) {
        return parts.unet().forward(x, Ops.full(timestep, DType.F32, parts.device(), 1), conditioning);
    }

    /** How many tokens a text encoder reads at once. */
    private static long tokens(Parts parts) {
        return parts.text().get(0).config().positions();
    }

    /** Noise [1,C,h,w] -> clean latents. */
    private static Tensor sample(Parts parts, Tensor start, UNetConditioning conditioning, int steps) {
        Trajectory trajectory = Schedulers.of(parts.scheduler()).trajectory(Steps.of(steps));
        Tensor x = Ops.mul(Ops.to(start, DType.F32), trajectory.initNoiseSigma());
        Tensor clean = trajectory.sample(
                x,
                (sample, timestep) -> {
                    Tensor one = Ops.to(sample, parts.dtype());
                    Tensor both = Ops.to(unet(parts, Ops.cat(0, one, one), timestep, conditioning), DType.F32);
                    Tensor[] halves = Ops.chunk(both, 2, 0);
                    return Guidance.combine(halves[0], halves[1], GUIDANCE);
                },
                shape -> normal(DType.F32, parts.device(), shape),
                (call, timestep, next) -> next);
        return Ops.to(parts.vae().unscale(clean), parts.dtype());
    }

    private void compute(String name, long flop, Supplier<Tensor> body) {
        add(name, time(body), flop, 0);
    }

    private void add(String name, double seconds, long flop, long bytes) {
        double share = peak == 0 ? 0 : (double) flop / seconds / peak;
        Measurement result = new Measurement(name, seconds, flop, bytes, share, Memory.peak());
        results.add(result);
        listener.accept(result);
    }

    /** Median of the seconds that it takes. */
    private double time(Supplier<Tensor> body) {
        Runnable once = () -> Scopes.run(() -> Ops.synchronize(body.get()));
        once.run();
        double[] seconds = new double[repeat];
        for (int i = 0; i < repeat; i++) {
            seconds[i] = seconds(once);
        }
        return median(seconds);
    }

    private static double seconds(Runnable body) {
        long start = System.nanoTime();
        body.run();
        return (System.nanoTime() - start) / 1e9;
    }

    private static double median(double[] seconds) {
        Arrays.sort(seconds);
        int n = seconds.length;
        return (seconds[(n - 1) / 2] + seconds[n / 2]) / 2;
    }

    private static Tensor normal(DType dtype, Device device, long... shape) {
        try (Rng rng = new Rng(0)) {
            return Ops.to(rng.normal(shape), dtype, device);
        }
    }
}
