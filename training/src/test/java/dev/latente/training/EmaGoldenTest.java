package dev.latente.training;

import dev.latente.golden.Golden;
import dev.latente.golden.GoldenCase;
import dev.latente.tensor.Ops;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Decays and averages. What does not learn is no parameter, and so in no average. */
@Tag("golden")
class EmaGoldenTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("train", EmaGoldenTest::takes, EmaGoldenTest::check);
    }

    static boolean takes(GoldenCase c) {
        return c.json().has("configs");
    }

    private static void check(GoldenCase c) {
        c.json().path("configs").forEachEntry((name, settings) -> check(c, name + ".", config(settings)));
    }

    private static void check(GoldenCase c, String name, EmaConfig config) {
        long steps = c.tensor(name + "decay").size(0);
        double[] decays =
                LongStream.rangeClosed(1, steps).mapToDouble(config::at).toArray();
        c.assertClose(name + "decay", Ops.of(decays, decays.length));

        Tensor params = c.tensor("params");
        Tensor shadows = c.tensor(name + "shadow");
        try (Ema ema = new Ema(params.select(0, 0), config)) {
            for (long step = 1; step <= shadows.size(0); step++) {
                ema.update(params.select(0, step), step);
                c.assertClose(name + "shadow " + step, ema.shadow(), shadows.select(0, step - 1));
            }
        }
    }

    private static EmaConfig config(JsonNode json) {
        EmaConfig d = EmaConfig.DEFAULT;
        return new EmaConfig(
                json.path("decay").asDouble(d.decay()),
                json.path("min_decay").asDouble(d.minDecay()),
                json.path("update_after_step").asLong(d.updateAfterStep()),
                json.path("use_ema_warmup").asBoolean(d.warmup()),
                json.path("inv_gamma").asDouble(d.invGamma()),
                json.path("power").asDouble(d.power()));
    }
}
