package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * DPM-Solver++ for models with the preconditioning of EDM (Karras et al. 2022, table 1; Lu et al. 2022b, algorithm 2);
 * diffusers' {@code EDMDPMSolverMultistepScheduler}.
 */
record EdmDpmSolverMultistep(SchedulerConfig config) implements Scheduler {
    @Override
    public Trajectory trajectory(Steps steps) {
        float[] sigmas = sigmas(steps.count());
        HalfLogSnr[] snr = new HalfLogSnr[sigmas.length];
        Arrays.setAll(snr, i -> HalfLogSnr.exploding(sigmas[i]));
        float data = (float) config.number("sigma_data");
        float sign = switch (config.text("prediction_type")) {
            case "epsilon" -> 1;
            case "v_prediction" -> -1;
            default -> throw config.unknown("prediction_type", "epsilon", "v_prediction");
        };
        Limit limit = Limit.threshold(config);
        ModelOutput output = (i, x, raw) -> {
            float total = sigmas[i] * sigmas[i] + data * data;
            float cOut = sign * sigmas[i] * data / Fp32.sqrt(total);
            return limit.apply(Ops.combine(data * data / total, x, cOut, raw));
        };
        List<Level> levels = new ArrayList<>();
        for (int i = 0; i < sigmas.length - 1; i++) {
            double divisor = Math.sqrt(sigmas[i] * sigmas[i] + data * data);
            levels.add(new Level(0.25f * Fp32.log(sigmas[i]), divisor, 1, sigmas[i]));
        }
        double max = config.number("sigma_max");
        double[] timesteps = levels.stream().mapToDouble(Level::timestep).toArray();
        double[] listed = new double[sigmas.length];
        Arrays.setAll(listed, i -> sigmas[i]);
        return new Trajectory(
                levels,
                listed,
                Math.sqrt(max * max + 1),
                steps.range(timesteps, 1, config.integer("num_train_timesteps")),
                DpmSolverMultistep.rule(config, snr, output));
    }

    private float[] sigmas(int n) {
        double min = config.number("sigma_min");
        double max = config.number("sigma_max");
        double[] sigmas = switch (config.text("sigma_schedule")) {
            case "karras" -> Sigmas.karras(min, max, n, config.number("rho"));
            // A single step starts at the lowest level.
            case "exponential" -> Sigmas.exponential(min, n == 1 ? min : max, n);
            default -> throw config.unknown("sigma_schedule", "karras", "exponential");
        };
        float[] closed = new float[n + 1];
        for (int i = 0; i < n; i++) {
            closed[i] = (float) sigmas[i];
        }
        closed[n] = config.text("final_sigmas_type").equals("zero") ? 0 : (float) min;
        return closed;
    }
}
