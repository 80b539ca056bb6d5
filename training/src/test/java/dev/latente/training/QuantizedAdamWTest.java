package dev.latente.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** AdamW with its state in 8 bits. */
class QuantizedAdamWTest {
    private static final long STEPS = 200;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    /** Facts of the published map: 256 values, ends, the smallest one, and that the unsigned one is twice as dense. */
    @Test
    void hasTheValuesOfDynamicTrees() {
        double[] signed = QuantizedMoment.codeBook(true);
        double[] unsigned = QuantizedMoment.codeBook(false);
        assertThat(Arrays.stream(signed).distinct().count()).isEqualTo(256);
        assertThat(Arrays.stream(unsigned).distinct().count()).isEqualTo(256);
        assertThat(signed[255]).isEqualTo(1);
        assertThat(signed[0]).isEqualTo(-(0.1 + 0.9 * 63.5 / 64));
        assertThat(signed[128]).isCloseTo(0.55e-6, Offset.offset(1e-12));
        assertThat(unsigned[1]).isCloseTo(0.325e-6, Offset.offset(1e-12));
    }

    /** In the upper decade of a block, half a cell of 0.9/64 is the most that rounding moves a value. */
    @Test
    void keepsBlocksOfDifferentSizeApart() {
        try (Arena arena = new Arena();
                Rng rng = new Rng(1)) {
            Scopes.run(() -> {
                Tensor x = rng.normal(600);
                x.narrow(0, 256, 256).mul_(Ops.full(1e-5, DType.F32, Device.CPU, 1));
                Moment moment = new QuantizedMoment(600, true, Device.CPU, arena);
                moment.store(0, x);
                Tensor back = moment.load(0, 600);
                for (long[] block : new long[][] {{0, 256}, {256, 256}, {512, 88}}) {
                    Tensor part = x.narrow(0, block[0], block[1]);
                    double error = back.narrow(0, block[0], block[1])
                            .sub(part)
                            .abs()
                            .max()
                            .item_double();
                    assertThat(error / part.abs().max().item_double()).isLessThan(0.0071);
                }
            });
        }
    }

    @Test
    void followsFp32InAQuarterOfTheMemory() {
        double start = run("start", AdamW.State.FP32, 1, 1).get(0);
        double exact = last(run("fp32", AdamW.State.FP32, STEPS, STEPS));
        double quantized = last(run("8bit", AdamW.State.EIGHT_BIT, STEPS, STEPS));
        assertThat(exact).isLessThan(0.2 * start);
        assertThat(quantized).isBetween(0.9 * exact, 1.1 * exact);
        assertThat((double) bytes(AdamW.State.EIGHT_BIT) / bytes(AdamW.State.FP32))
                .isLessThan(0.265);
    }

    @Test
    void resumesBitByBit() {
        List<Double> whole = run("whole", AdamW.State.EIGHT_BIT, 20, 20);
        List<Double> parts = new ArrayList<>(run("parts", AdamW.State.EIGHT_BIT, 20, 9));
        parts.addAll(run("parts", AdamW.State.EIGHT_BIT, 20, 20));
        assertThat(parts).isEqualTo(whole);
    }

    private static double last(List<Double> losses) {
        return losses.get(losses.size() - 1);
    }

    private static long bytes(AdamW.State state) {
        try (Parameters parameters = parameters();
                AdamW optimizer = new AdamW(parameters, AdamW.Config.DEFAULT.withState(state))) {
            return optimizer.state().values().stream()
                    .mapToLong(x -> x.numel() * x.element_size())
                    .sum();
        }
    }

    private static Parameters parameters() {
        return new Parameters(
                Map.of("a", new long[] {64, 48}, "b", new long[] {48, 40}), WeightSources.random(5), Device.CPU);
    }

    /** Two layers learn what two other ones do; the losses until the run is stopped. */
    private List<Double> run(String name, AdamW.State state, long steps, long until) {
        TrainingConfig config = TrainingConfig.builder(steps, 1e-2)
                .seed(1)
                .schedule(LrSchedule.cosine(0, STEPS, 0.5))
                .optimizer(AdamW.Config.DEFAULT.withState(state))
                .clip(0)
                .saveEvery(1000)
                .build();
        List<Double> losses = new ArrayList<>();
        TrainingListener listener = new TrainingListener() {
            @Override
            public void step(Step step) {
                losses.add(step.loss());
            }
        };
        try (Parameters parameters = parameters();
                Trainer trainer = new Trainer(
                        folder.resolve(name), config, parameters, QuantizedAdamWTest::loss, List.of(listener))) {
            trainer.run(() -> trainer.done() >= until);
        }
        return losses;
    }

    private static Task.Loss loss(WeightSource weights, Turn turn) {
        try (Rng teacher = new Rng(77);
                Rng rng = turn.rng("data")) {
            Tensor x = rng.normal(32, 64);
            Tensor target = x.mm(Ops.mul(teacher.normal(64, 48), 0.1)).tanh().mm(Ops.mul(teacher.normal(48, 40), 0.15));
            Tensor y = x.mm(weights.get("a", 64, 48)).tanh().mm(weights.get("b", 48, 40));
            return Task.Loss.of(y.sub(target).square().mean());
        }
    }
}
