package dev.latente.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.pipelines.Checkpoint;
import dev.latente.pipelines.Request;
import dev.latente.pipelines.TextToImage;
import dev.latente.pipelines.TinyCheckpoint;
import dev.latente.tensor.Attention;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.weights.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class ProfileTest {
    @ParameterizedTest
    @CsvSource({
        "conv2d, CONVOLUTION",
        "mkldnn::_convolution_pointwise, CONVOLUTION",
        "quantized::conv2d, CONVOLUTION",
        "mkldnn::_linear_pointwise, LINEAR",
        "onednn::qlinear_pointwise, LINEAR",
        "mkldnn::_reorder_convolution_weight, REST",
        "quantized::conv2d_prepack, REST",
        "layer_norm, NORM_ACTIVATION",
        "upsample_nearest2d, REST"
    })
    void aNameTellsTheKind(String operation, Kind kind) {
        assertThat(Kind.of(operation)).isEqualTo(kind);
    }

    @Test
    void whatIsMadeOfOperationsCountsOnce() {
        List<Span> spans;
        Map<Kind, Long> sums;
        try (Profile profile = Profile.start()) {
            // In fp32 a 1x1 convolution.
            Scopes.run(() -> Functional.linear(ones(64, 32), ones(16, 32), null));
            spans = profile.spans();
            sums = profile.nanos();
        }
        assertThat(spans).extracting(Span::name).containsExactly("linear", "conv2d");
        Span linear = spans.get(0);
        assertThat(linear.arguments()).containsEntry("shapes", "[64, 32], [16, 32]");
        assertThat(sums).isEqualTo(Map.of(Kind.LINEAR, linear.nanos()));
    }

    @Test
    void attentionToAnotherSequenceIsAKindOfItsOwn() {
        Map<Kind, Long> sums;
        try (Profile profile = Profile.start()) {
            Scopes.run(() -> {
                Tensor x = ones(1, 2, 8, 4);
                Attention.attend(x, x, x, null, true, 0);
                Attention.attendAcross(x, ones(1, 2, 8, 4), x, null, 0);
            });
            sums = profile.nanos();
        }
        assertThat(sums).containsOnlyKeys(Kind.SELF_ATTENTION, Kind.CROSS_ATTENTION);
    }

    @Test
    void anOperationThatFailsIsRecordedAndTheNextIsOutermostAgain() {
        try (Profile profile = Profile.start()) {
            Scopes.run(() -> {
                assertThatThrownBy(() -> Functional.conv2d(ones(1, 2, 3, 3), ones(1, 5, 1, 1), null, 1, 0))
                        .hasMessageStartingWith("conv2d([1, 2, 3, 3], [1, 5, 1, 1])");
                Functional.silu(ones(2));
            });
            assertThat(profile.spans()).extracting(Span::outermost).containsExactly(true, true);
        }
    }

    @Test
    void threadsAreToldApart() throws InterruptedException {
        CyclicBarrier together = new CyclicBarrier(2);
        List<Thread> threads = List.of(
                new Thread(() -> silus(together, 20), "first"), new Thread(() -> silus(together, 30), "second"));
        List<Span> spans;
        try (Profile profile = Profile.start()) {
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
            spans = profile.spans();
        }
        // Both were inside at the same time, and yet no operation is a part of another thread's.
        assertThat(spans).allMatch(Span::outermost);
        assertThat(spans.stream().collect(Collectors.groupingBy(s -> s.thread().name(), Collectors.counting())))
                .isEqualTo(Map.of("first", 20L, "second", 30L));
    }

    /** Waits for the other thread inside of the first operation. */
    private static void silus(CyclicBarrier together, int count) {
        for (int i = 0; i < count; i++) {
            boolean first = i == 0;
            Profile.operation("silu", () -> "", () -> first ? await(together) : 0);
        }
    }

    private static int await(CyclicBarrier together) {
        try {
            return together.await();
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void thereIsOneAtATimeAndNothingIsKeptWithoutOne() {
        Profile first = Profile.start();
        assertThatThrownBy(Profile::start).isInstanceOf(IllegalStateException.class);
        first.close();
        Scopes.run(() -> Functional.silu(ones(2)));
        assertThat(first.spans()).isEmpty();
        try (Profile second = Profile.start()) {
            first.close(); // again, which must not end the other
            Scopes.run(() -> Functional.silu(ones(2)));
            assertThat(second.spans()).hasSize(1);
        }
        assertThat(Profile.isOn()).isFalse();
    }

    @Test
    void aTraceOfAPictureNests(@TempDir Path folder) throws Exception {
        Path model = TinyCheckpoint.write(folder.resolve("model"));
        Path file = folder.resolve("trace.json");
        try (Profile profile = Profile.start()) {
            try (Checkpoint checkpoint = Checkpoint.load(model)) {
                new TextToImage(checkpoint)
                        .generate(Request.of("a tiny picture").withSteps(3));
            }
            Trace.write(file, profile.spans());
        }
        JsonNode trace = Json.parse(Files.readString(file));
        Map<String, Long> phases = trace.path("traceEvents")
                .valueStream()
                .filter(e -> e.path("cat").asString("").equals("phase"))
                .collect(Collectors.groupingBy(e -> e.path("name").asString(), Collectors.counting()));
        assertThat(phases)
                .isEqualTo(Map.of(
                        "load", 1L, "text to image", 1L, "encode", 1L, "tokenize", 4L, "step", 3L, "decode", 1L));
        assertThat(trace.path("traceEvents")
                        .valueStream()
                        .map(e -> e.path("cat").asString("")))
                .contains("convolution", "linear", "self_attention", "cross_attention", "norm_activation", "rest");
        checkNesting(trace);
    }

    /** As viewers draw it: on a thread, an event lies inside the one that is open, or after it. */
    private static void checkNesting(JsonNode trace) {
        Deque<double[]> open = new ArrayDeque<>();
        long deepest = 0;
        for (JsonNode event : trace.path("traceEvents")) {
            assertThat(event.path("pid").asLong())
                    .isEqualTo(ProcessHandle.current().pid());
            if (event.path("ph").asString().equals("M")) {
                assertThat(event.path("args").path("name").asString()).isNotEmpty();
                continue;
            }
            assertThat(event.path("ph").asString()).isEqualTo("X");
            assertThat(event.path("tid").asLong())
                    .isEqualTo(Thread.currentThread().getId());
            double from = event.path("ts").asDouble();
            double to = from + event.path("dur").asDouble();
            while (!open.isEmpty() && open.peek()[1] <= from) {
                open.pop();
            }
            if (!open.isEmpty()) {
                assertThat(to).as("end of %s", event).isLessThanOrEqualTo(open.peek()[1] + 0.001); // of rounding
            }
            open.push(new double[] {from, to});
            deepest = Math.max(deepest, open.size());
        }
        assertThat(deepest).as("levels: picture, step, attention, product").isGreaterThanOrEqualTo(4);
    }

    private static Tensor ones(long... shape) {
        return Ops.full(1, DType.F32, Device.CPU, shape);
    }
}
