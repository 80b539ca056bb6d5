package dev.latente.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The solvers of the DPM-Solver and DDIM families on pictures that are normally distributed, where all is known. */
class SolversTest {
    private static final double MEAN = 0.5;
    private static final double DEVIATION = 0.7;

    private static SchedulerConfig config(String className) {
        return SchedulerConfig.of(Map.of(
                "_class_name",
                className,
                "beta_start",
                0.00085,
                "beta_end",
                0.012,
                "beta_schedule",
                "scaled_linear",
                "clip_sample",
                false));
    }

    /** From the start, with the exact predictor of the noise and always the same random draws. */
    private static double[] sample(SchedulerConfig config, Trajectory trajectory, double... start) {
        NoiseSchedule schedule = NoiseSchedule.of(config);
        return sample(trajectory, (x, t) -> epsilon(x, schedule.alphaCumprod((int) t)), start);
    }

    private static double[] sample(Trajectory trajectory, Denoiser denoiser, double... start) {
        return Scopes.within(() -> {
            try (Rng rng = new Rng(7)) {
                return Ops.doubles(
                        trajectory.sample(Ops.of(start, 1, start.length), denoiser, rng::normal, StepListener.NONE));
            }
        });
    }

    private static Tensor epsilon(Tensor x, double alpha) {
        double variance = alpha * DEVIATION * DEVIATION + 1 - alpha;
        return Ops.mul(Ops.sub(x, Math.sqrt(alpha) * MEAN), Math.sqrt(1 - alpha) / variance);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DDIMScheduler",
                "PNDMScheduler",
                "DPMSolverMultistepScheduler",
                "DPMSolverSinglestepScheduler",
                "UniPCMultistepScheduler",
                "DEISMultistepScheduler"
            })
    void theEndIsTheExactSolution(String className) {
        SchedulerConfig config = config(className);
        double alpha = NoiseSchedule.of(config).alphaCumprod(999);
        double exact = MEAN
                + DEVIATION * (1.3 - Math.sqrt(alpha) * MEAN) / Math.sqrt(alpha * DEVIATION * DEVIATION + 1 - alpha);
        Trajectory trajectory = Schedulers.of(config).trajectory(Steps.of(100));
        // A hundred steps of the least accurate of them, DDIM, leave one percent.
        assertEquals(exact, sample(config, trajectory, 1.3)[0], 0.03);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DDPMScheduler",
                "PNDMScheduler",
                "LCMScheduler",
                "TCDScheduler",
                "SASolverScheduler",
                "DPMSolverMultistepScheduler",
                "DPMSolverSinglestepScheduler",
                "UniPCMultistepScheduler",
                "DEISMultistepScheduler"
            })
    void oneTrajectoryServesManyRunsAtOnce(String className) {
        SchedulerConfig config = config(className);
        Trajectory trajectory = Schedulers.of(config).trajectory(Steps.of(6));
        double[] alone = sample(config, trajectory, 1.3, -0.4);
        IntStream.range(0, 8)
                .parallel()
                .mapToObj(run -> sample(config, trajectory, 1.3, -0.4))
                .forEach(together -> assertArrayEquals(alone, together));
    }

    /** All variance of the first step is new noise; rounding must not make what is left of the old negative. */
    @ParameterizedTest
    @ValueSource(doubles = {0.5, 1})
    void ddimDrawsNoiseFromTheLastTimestepWithoutSignal(double eta) {
        SchedulerConfig config = config("DDIMScheduler")
                .with("rescale_betas_zero_snr", true)
                .with("timestep_spacing", "trailing")
                .with("prediction_type", "v_prediction")
                .with("eta", eta);
        NoiseSchedule schedule = NoiseSchedule.of(config);
        for (int steps = 2; steps <= 50; steps++) {
            Trajectory trajectory = Schedulers.of(config).trajectory(Steps.of(steps));
            double[] end = sample(trajectory, (x, t) -> velocity(x, schedule.alphaCumprod((int) t)), 1.3, -0.4);
            for (double value : end) {
                assertEquals(MEAN, value, 4 * DEVIATION, "in %d steps".formatted(steps));
            }
        }
    }

    private static Tensor velocity(Tensor x, double alpha) {
        double variance = alpha * DEVIATION * DEVIATION + 1 - alpha;
        Tensor centred = Ops.sub(x, Math.sqrt(alpha) * MEAN);
        Tensor x0 = Ops.add(Ops.mul(centred, Math.sqrt(alpha) * DEVIATION * DEVIATION / variance), MEAN);
        return Ops.combine(Math.sqrt(alpha), epsilon(x, alpha), -Math.sqrt(1 - alpha), x0);
    }
}
