package dev.latente.training;

import dev.latente.golden.Golden;
import dev.latente.golden.GoldenCase;
import dev.latente.tensor.Ops;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Learning rates by step. */
@Tag("golden")
class LrScheduleGoldenTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("train", LrScheduleGoldenTest::takes, LrScheduleGoldenTest::check);
    }

    static boolean takes(GoldenCase c) {
        return c.json().has("schedules");
    }

    private static void check(GoldenCase c) {
        double base = c.json().path("base_lr").asDouble();
        c.json().path("schedules").forEachEntry((name, settings) -> {
            LrSchedule schedule = schedule(name, settings);
            double[] rates = LongStream.range(0, c.json().path("steps").asLong())
                    .mapToDouble(step -> schedule.at(step, base))
                    .toArray();
            c.assertClose(name, Ops.of(rates, rates.length));
        });
    }

    /** A name may have an ending that tells settings apart, such as {@code linear_nowarmup}. */
    private static LrSchedule schedule(String name, JsonNode settings) {
        if (settings.has("step_rules")) {
            return LrSchedule.piecewise(settings.path("step_rules").asString());
        }
        String known = Stream.of(
                        "constant_with_warmup", "cosine_with_restarts", "constant", "linear", "cosine", "polynomial")
                .filter(name::startsWith)
                .findFirst()
                .orElse(name);
        long warmup = settings.path("num_warmup_steps").asLong(0);
        long steps = settings.path("num_training_steps").asLong(0);
        if (known.equals("cosine")) {
            return LrSchedule.cosine(warmup, steps, settings.path("num_cycles").asDouble(0.5));
        }
        return LrSchedule.of(
                known,
                warmup,
                steps,
                settings.path("num_cycles").asInt(1),
                settings.path("power").asDouble(1));
    }
}
