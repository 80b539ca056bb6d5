package dev.latente.bench;

import dev.latente.pipelines.Size;
import dev.latente.profile.Span;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Memory;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/**
 * Measures one thing after the other, each once to warm up and then {@code repeat} times. Shares are of the largest peak
 * that was measured in the dtype of the parts.
 */
public final class Benchmark {
    /** Products of a measurement of the peak. */
    private static final int TIMES = 5;

    /** One run may be a mishap; more than three take long and say no more. */
    private static final int PROFILED = 3;

    /** Seconds below which a part is profiled so often in any case. */
    private static final double SHORT = 1;

    private final int repeat;
    private final Consumer<Measurement> listener;
    private final List<Measurement> results = new ArrayList<>();

    /** @param listener told of each result as it comes */
    public Benchmark(int repeat, Consumer<Measurement> listener) {
        this.repeat = repeat;
        this.listener = listener;
    }

    public List<Measurement> results() {
        return List.copyOf(results);
    }

    /** Where the time of the measured parts went. */
    public List<Breakdown> breakdowns() {
        return results.stream()
                .map(Measurement::breakdown)
                .filter(Objects::nonNull)
                .toList();
    }

    /** One run of each part that was profiled, one after the other, for a trace. */
    public List<Span> spans() {
        List<Span> all = new ArrayList<>();
        long from = 0;
        for (Breakdown each : breakdowns()) {
            long start = from;
            each.spans().forEach(span -> all.add(span.later(start)));
            from += each.spans().stream().mapToLong(Span::end).max().orElse(0);
        }
        return all;
    }

    /** What the machine can do at most: the largest convolution of Stable Diffusion, a large product; operations each second. */
    public double peak(DType dtype, Device device) {
        String name = dtype.name().toLowerCase(Locale.ROOT);
        return Scopes.within(() -> {
            Tensor x = Ops.channelsLast(Workload.normal(dtype, device, 2, 320, 64, 64));
            Tensor weight = Ops.channelsLast(Workload.normal(dtype, device, 320, 320, 3, 3));
            Tensor bias = Workload.normal(dtype, device, 320);
            Measurement conv = compute(
                    "peak conv " + name,
                    Flop.conv(320, 320, 3, 2 * 64 * 64),
                    () -> Functional.conv2d(x, weight, bias, 1, 1));
            Tensor a = Workload.normal(dtype, device, 2048, 2048);
            Tensor b = Workload.normal(dtype, device, 2048, 2048);
            Measurement product = compute("peak matmul " + name, Flop.linear(2048, 2048, 2048), () -> a.mm(b));
            return 1e9 * Math.max(conv.rate(), product.rate());
        });
    }

    private Measurement compute(String name, Flop flop, Supplier<Tensor> body) {
        double seconds = time(() -> {
            for (int i = 1; i < TIMES; i++) {
                Scopes.run(() -> Ops.synchronize(body.get()));
            }
            return body.get();
        });
        return add(new Measurement(name, seconds, TIMES * flop.total(), 0, Memory.peak(), null));
    }

    /** Copies 128 MB; every byte is read and written. */
    public void memory(Device device) {
        Scopes.run(() -> {
            Tensor from = Ops.zeros(DType.U8, device, 128 << 20);
            Tensor to = Ops.zeros(DType.U8, device, 128 << 20);
            double seconds = time(() -> to.copy_(from));
            add(new Measurement("memory copy", seconds, 0, 2 * (128 << 20), Memory.peak(), null));
        });
    }

    /** Something that is no arithmetic, such as loading that many bytes. */
    public void load(long bytes, Runnable body) {
        Memory.resetPeak();
        double[] seconds = new double[repeat];
        for (int i = 0; i < repeat; i++) {
            seconds[i] = seconds(body);
        }
        add(new Measurement("load", median(seconds), 0, bytes, Memory.peak(), null));
    }

    /** The parts of a picture of that size, then whole pictures of {@code steps} guided steps; 0 for none. */
    public void parts(Parts parts, Size size, int steps) {
        Scopes.run(() -> {
            Workload workload = new Workload(parts, size, 1);
            part(workload.text(), true);
            part(workload.step(), true);
            part(workload.encode(), false);
            part(workload.decode(), true);
            if (steps > 0) {
                part(workload.picture(steps), false);
            }
        });
    }

    private void part(Workload.Task task, boolean profiled) {
        Memory.resetPeak();
        double seconds = time(task.body());
        long peak = Memory.peak();
        int runs = seconds < SHORT ? PROFILED : Math.min(repeat, PROFILED);
        Breakdown breakdown = profiled ? Breakdown.median(task, runs) : null;
        add(new Measurement(task.name(), seconds, task.flop().total(), 0, peak, breakdown));
    }

    private Measurement add(Measurement result) {
        results.add(result);
        listener.accept(result);
        return result;
    }

    /** Median of the seconds that it takes. */
    private double time(Supplier<Tensor> body) {
        return time(body, repeat);
    }

    /** Median of the seconds that it takes, after once to warm up. */
    static double time(Supplier<Tensor> body, int repeat) {
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
}
