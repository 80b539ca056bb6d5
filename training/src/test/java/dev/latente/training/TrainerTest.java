package dev.latente.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import dev.latente.weights.Safetensors;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The loop: runs that are cut off, and losses that are enlarged. */
class TrainerTest {
    private static final int STEPS = 9;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    /** Cut off twice between checkpoints, with several parts to a step, an average, clipping and 300 weights. */
    @ParameterizedTest
    @CsvSource({"F32,FP32", "F32,EIGHT_BIT", "BF16,FP32", "BF16,EIGHT_BIT", "F16,FP32", "F16,EIGHT_BIT"})
    void runsThatAreCutOffEndLikeOthers(DType dtype, AdamW.State state) {
        run("whole", dtype, state, 1, Long.MAX_VALUE);
        for (long cut : new long[] {3, 6}) {
            assertThatThrownBy(() -> run("cut", dtype, state, 1, cut)).hasMessage("cut at step " + cut);
        }
        run("cut", dtype, state, 1, Long.MAX_VALUE);
        for (String file : List.of(
                "log.jsonl", "checkpoints/step-0000000008.safetensors", "checkpoints/step-0000000009.safetensors")) {
            assertThat(folder.resolve("cut").resolve(file))
                    .hasSameBinaryContentAs(folder.resolve("whole").resolve(file));
        }
    }

    /** Three workers add what one adds, in the same order; two add the first and the third part before the second. */
    @ParameterizedTest
    @CsvSource({"3,0", "2,1e-5"})
    void workersMakeTheSameSteps(int workers, double within) {
        run("one", DType.F32, AdamW.State.FP32, 1, Long.MAX_VALUE);
        run("more", DType.F32, AdamW.State.FP32, workers, Long.MAX_VALUE);
        run("again", DType.F32, AdamW.State.FP32, workers, Long.MAX_VALUE);
        String last = "checkpoints/step-0000000009.safetensors";
        assertThat(folder.resolve("again").resolve(last))
                .hasSameBinaryContentAs(folder.resolve("more").resolve(last));
        float[] one = weights(folder.resolve("one").resolve(last));
        float[] more = weights(folder.resolve("more").resolve(last));
        for (int i = 0; i < one.length; i++) {
            assertThat((double) more[i]).isCloseTo(one[i], Offset.offset(within));
        }
    }

    private static float[] weights(Path checkpoint) {
        try (Safetensors stored = Safetensors.open(checkpoint)) {
            return Scopes.within(() -> Ops.floats(stored.tensor("weights")));
        }
    }

    @Test
    void aWorkerNeedsAMicroBatch() {
        assertThatThrownBy(() -> run("idle", DType.F32, AdamW.State.FP32, 4, 1))
                .hasMessage(
                        "training: workers [4]: wanted 1 to [3], as many as a step has micro-batches (accumulation)");
    }

    private void run(String name, DType dtype, AdamW.State state, int workers, long cut) {
        TrainingListener listener = new TrainingListener() {
            @Override
            public void step(Step step) {
                if (step.step() == cut) {
                    throw new IllegalStateException("cut at step " + cut);
                }
            }
        };
        TrainingConfig config = TrainingConfig.builder(STEPS, 1e-2)
                .seed(3)
                .accumulation(3)
                .schedule(LrSchedule.cosine(2, STEPS, 0.5))
                .optimizer(AdamW.Config.DEFAULT.withState(state))
                .clip(0.5)
                .ema(EmaConfig.DEFAULT)
                .dtype(dtype)
                .saveEvery(2)
                .workers(workers)
                .build();
        try (Parameters parameters =
                        new Parameters(Map.of("w", new long[] {20, 15}), WeightSources.random(5), Device.CPU);
                Trainer trainer = new Trainer(
                        folder.resolve(name), config, parameters, TrainerTest::squaredOutput, List.of(listener))) {
            trainer.run(() -> false);
        }
    }

    private static Task.Loss squaredOutput(WeightSource weights, Turn turn) {
        try (Rng rng = turn.rng("data")) {
            Tensor w = weights.get("w", 20, 15);
            Tensor y = Ops.to(rng.normal(4, 20), Ops.dtype(w)).mm(w);
            return Task.Loss.of(Ops.to(y, DType.F32).square().mean());
        }
    }

    /** The scale doubles at step 2,000, whose gradients were made with the old one. */
    @Test
    void theScaleOfLossesLeavesNoTrace() {
        assertThat(learned(DType.F16, 2000, 0.25)).isEqualTo(learned(DType.F32, 2000, 0.25));
    }

    /** The gradient 4 overflows at scales of 65,536, 32,768 and 16,384. */
    @Test
    void stepsThatOverflowAreAsIfTheyWereNot() {
        assertThat(learned(DType.F16, 103, 4)).isEqualTo(learned(DType.F32, 100, 4));
    }

    /** A weight pulled by a gradient in so many steps: its average. */
    private double learned(DType dtype, long steps, double gradient) {
        TrainingConfig config = TrainingConfig.builder(steps, 1e-3)
                .ema(EmaConfig.DEFAULT)
                .dtype(dtype)
                .saveEvery(steps)
                .build();
        try (Parameters parameters = new Parameters(Map.of("w", new long[] {1}), WeightSources.random(5), Device.CPU);
                Trainer trainer = new Trainer(
                        folder.resolve(dtype.name()),
                        config,
                        parameters,
                        (weights, turn) -> Task.Loss.of(Ops.mul(Ops.to(weights.get("w", 1), DType.F32), gradient)
                                .sum()),
                        List.of())) {
            trainer.run(() -> false);
            return trainer.best().sum().item_double();
        }
    }
}
