package dev.latente.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.latente.diffusion.NoiseSchedule;
import dev.latente.diffusion.NoiseSource;
import dev.latente.diffusion.SchedulerConfig;
import dev.latente.diffusion.Schedulers;
import dev.latente.diffusion.Steps;
import dev.latente.diffusion.Trajectory;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.weights.Json;
import dev.latente.weights.Safetensors;
import dev.latente.weights.TensorFile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Replays the reference's schedulers: the model outputs are given, so that everything else can be compared. */
@Tag("golden")
class SchedulersGoldenTest {
    @TestFactory
    Stream<DynamicTest> variants() {
        return Golden.tests(
                "schedulers",
                SchedulersGoldenTest::takes,
                c -> c.json().path("variants").propertyNames(),
                (c, variant) -> {
                    try (TensorFile shared = Safetensors.open(c.dir().resolveSibling("shared_inputs/io.safetensors"));
                            Rng rng = new Rng(
                                    variant(c, variant).path("generator_seed").asLong())) {
                        new Replay(c, variant, shared, rng).check();
                    }
                });
    }

    static boolean takes(GoldenCase c) {
        return c.json().has("scheduler_class");
    }

    private static JsonNode variant(GoldenCase c, String name) {
        return c.json().path("variants").path(name);
    }

    /** One run of one scheduler. */
    private record Replay(GoldenCase c, String name, TensorFile shared, Rng rng) {
        void check() {
            JsonNode v = variant(c, name);
            Trajectory trajectory = Schedulers.of(config(v)).trajectory(steps(v));

            if (v.path("alphas_cumprod").isString()) {
                c.assertClose(
                        v.path("alphas_cumprod").asString(),
                        vector(NoiseSchedule.of(config(v)).alphasCumprod()));
            }
            String timesteps = has("begin_timesteps") ? "begin_timesteps" : "timesteps";
            close(timesteps, vector(trajectory.timesteps()));
            assertEquals(v.path("calls").asInt(), trajectory.timesteps().length, "calls");
            if (has("sigmas")) {
                close("sigmas", vector(trajectory.sigmas()));
            }
            close("init_noise_sigma", Ops.of(new double[] {trajectory.initNoiseSigma()}));
            replay(trajectory, v);
            if (has("add_noise")) {
                checkAddNoise(trajectory);
            }
        }

        private void replay(Trajectory trajectory, JsonNode v) {
            Tensor start = v.path("strength").isNull()
                    ? Ops.mul(shared.tensor("initial_noise"), trajectory.initNoiseSigma())
                    : trajectory.addNoise(shared.tensor("original"), shared.tensor("initial_noise"), 0);
            close("x.start", start);
            int[] call = {0};
            List<Tensor> drawn = new ArrayList<>();
            NoiseSource noise = shape -> {
                Tensor n = rng.normal(shape);
                drawn.add(n.clone());
                closeIfThere("noise.%03d".formatted(call[0]), n);
                return n;
            };
            Tensor outputs = shared.tensor("model_outputs");
            Tensor end = trajectory.sample(
                    start,
                    (x, t) -> {
                        closeIfThere("scaled.%03d".formatted(call[0]), x);
                        return outputs.select(0, call[0]);
                    },
                    noise,
                    (i, t, x) -> {
                        closeIfThere("x.%03d".formatted(i), x);
                        call[0] = i + 1;
                        return x;
                    });
            close("x.%03d".formatted(call[0] - 1), end);
            if (v.has("noise_steps")) {
                assertEquals(v.path("noise_steps").size(), drawn.size(), "noise draws");
            }
        }

        /** Noise is added at timesteps of the schedule, another one for each picture. */
        private void checkAddNoise(Trajectory trajectory) {
            double[] wanted = Ops.doubles(tensor("add_noise.timesteps"));
            double[] timesteps = trajectory.timesteps();
            for (int i = 0; i < wanted.length; i++) {
                double t = wanted[i];
                int call = IntStream.range(0, timesteps.length)
                        .boxed()
                        .min(Comparator.comparingDouble(k -> Math.abs(timesteps[k] - t)))
                        .orElseThrow();
                Tensor got = trajectory.addNoise(
                        shared.tensor("original").narrow(0, i, 1),
                        shared.tensor("initial_noise").narrow(0, i, 1),
                        call);
                c.assertClose(name + "/add_noise", got, tensor("add_noise").narrow(0, i, 1));
            }
        }

        private static SchedulerConfig config(JsonNode v) {
            Map<String, Object> settings = Json.members(v.path("scheduler_config"));
            settings.putAll(Json.members(v.path("step_arguments")));
            return SchedulerConfig.of(settings);
        }

        private static Steps steps(JsonNode v) {
            JsonNode set = v.path("set_timesteps");
            Steps steps;
            if (set.has("timesteps")) {
                steps = Steps.timesteps(numbers(set.path("timesteps")));
            } else if (set.has("sigmas")) {
                steps = Steps.sigmas(numbers(set.path("sigmas")));
            } else {
                steps = Steps.of(v.path("num_inference_steps").asInt());
            }
            if (set.has("mu")) {
                steps = steps.withMu(set.path("mu").asDouble());
            }
            if (set.has("original_inference_steps")) {
                steps = steps.withOriginalSteps(
                        set.path("original_inference_steps").asInt());
            }
            if (set.has("strength")) {
                steps = steps.withOriginalStrength(set.path("strength").asDouble());
            }
            return v.path("strength").isNull()
                    ? steps
                    : steps.withStrength(v.path("strength").asDouble());
        }

        private boolean has(String tensor) {
            return c.has(name + "/" + tensor);
        }

        private Tensor tensor(String tensor) {
            return c.tensor(name + "/" + tensor);
        }

        private void close(String tensor, Tensor got) {
            Tensor wanted = tensor(tensor);
            c.assertClose(name + "/" + tensor, wanted.dim() == 0 ? got.squeeze() : got, wanted);
        }

        private void closeIfThere(String tensor, Tensor got) {
            if (has(tensor)) {
                close(tensor, got);
            }
        }
    }

    private static Tensor vector(double[] values) {
        return Ops.of(values, values.length);
    }

    private static double[] numbers(JsonNode list) {
        return list.valueStream().mapToDouble(JsonNode::asDouble).toArray();
    }
}
