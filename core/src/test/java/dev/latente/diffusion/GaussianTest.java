package dev.latente.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Samplers on pictures that are normally distributed: the best denoiser and the exact result are known. */
class GaussianTest {
    private static final double MEAN = 0.5;
    private static final double DEVIATION = 0.7;
    private static final SchedulerConfig STABLE_DIFFUSION = SchedulerConfig.of(Map.of(
            "_class_name",
            "PNDMScheduler",
            "beta_start",
            0.00085,
            "beta_end",
            0.012,
            "beta_schedule",
            "scaled_linear"));

    /** The exact predictor of the noise; the level of a call is read off how its input is scaled. */
    private static Tensor sample(Trajectory trajectory, Tensor x, NoiseSource noise) {
        int[] call = {0};
        return trajectory.sample(
                x,
                (scaled, timestep) -> {
                    double divisor = 1 / Ops.doubles(trajectory.scaleInput(Ops.of(new double[] {1}, 1), call[0]++))[0];
                    double sigma = Math.sqrt(divisor * divisor - 1);
                    double variance = DEVIATION * DEVIATION + sigma * sigma;
                    // (x - denoised) / σ
                    return Ops.mul(Ops.sub(Ops.mul(scaled, divisor), MEAN), sigma / variance);
                },
                noise,
                StepListener.NONE);
    }

    /** Distance from the exact solution of the ODE after n steps from σ = 10 to σ = ½. */
    private static double error(String sampler, int n) {
        double[] sigmas = Sigmas.exponential(0.5, 10, n + 1);
        Scheduler scheduler =
                Schedulers.of(Samplers.config(sampler, STABLE_DIFFUSION).with("eta", 0.0));
        return Scopes.within(() -> {
            Tensor end = sample(
                    scheduler.trajectory(Steps.sigmas(sigmas)),
                    Ops.of(new double[] {8}, 1),
                    shape -> Ops.of(new double[1], 1));
            double exact = MEAN + (8 - MEAN) * Math.hypot(DEVIATION, 0.5) / Math.hypot(DEVIATION, 10);
            return Math.abs(Ops.doubles(end)[0] - exact);
        });
    }

    /** The multistep methods start with lower orders, so that theirs shows between long runs only in part. */
    @ParameterizedTest
    @CsvSource({"euler,1", "heun,2", "dpm2,2", "lms,2", "dpmpp_3m_sde,2"})
    void halvingTheStepsDividesTheErrorByTwoToTheOrder(String sampler, int order) {
        double observed = Math.log(error(sampler, 40) / error(sampler, 80)) / Math.log(2);
        assertTrue(observed > order - 0.15, "%s: observed order %.2f".formatted(sampler, observed));
    }

    @ParameterizedTest
    @ValueSource(strings = {"euler_a", "dpm2_a", "dpmpp_2s_a", "dpmpp_sde", "dpmpp_3m_sde"})
    void stochasticSamplersDrawFromTheDistribution(String sampler) {
        Scopes.run(() -> {
            try (Rng rng = new Rng(7)) {
                Scheduler scheduler = Samplers.of(sampler, Schedule.KARRAS, STABLE_DIFFUSION);
                Trajectory trajectory = scheduler.trajectory(Steps.of(120));
                long n = 20_000;
                Tensor x = Ops.mul(rng.normal(n), trajectory.initNoiseSigma());
                double[] got = Ops.doubles(sample(trajectory, x, rng::normal));
                double mean = Arrays.stream(got).average().orElseThrow();
                double variance = Arrays.stream(got)
                        .map(g -> (g - mean) * (g - mean))
                        .average()
                        .orElseThrow();
                // Standard error of the mean 0.005, of the deviation 0.0035; the rest is the error of 120 steps.
                assertEquals(MEAN, mean, 0.02, sampler);
                assertEquals(DEVIATION, Math.sqrt(variance), 0.03, sampler);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"euler", "euler_a", "heun", "dpm2", "dpm2_a", "lms", "dpmpp_2s_a", "dpmpp_sde", "dpmpp_3m_sde"})
    void listenersSeeEveryCallAndDecideHowToGoOn(String sampler) {
        Scopes.run(() -> {
            Trajectory trajectory = Samplers.of(sampler, STABLE_DIFFUSION).trajectory(Steps.of(6));
            int[] calls = {0};
            Tensor end = trajectory.sample(
                    Ops.of(new float[] {3}, 1),
                    (x, t) -> x,
                    shape -> Ops.of(new float[] {1}, 1),
                    (call, timestep, x) -> {
                        assertEquals(calls[0]++, call);
                        assertEquals(trajectory.timesteps()[call], timestep);
                        return Ops.mul(x, 0);
                    });
            assertEquals(trajectory.timesteps().length, calls[0]);
            assertEquals(0, Ops.doubles(end)[0]);
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7})
    void runsAreIndependentOfEachOther(int steps) {
        Scopes.run(() -> {
            Trajectory trajectory = Samplers.of("lms", STABLE_DIFFUSION).trajectory(Steps.of(steps));
            Tensor x = Ops.of(new double[] {8}, 1);
            double[] ends = IntStream.range(0, 2)
                    .mapToDouble(run -> Ops.doubles(sample(trajectory, x, shape -> x))[0])
                    .toArray();
            assertEquals(ends[0], ends[1]);
        });
    }
}
