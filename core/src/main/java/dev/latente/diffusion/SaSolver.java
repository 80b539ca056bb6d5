package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * SA-Solver: stochastic Adams-Bashforth predictor and Adams-Moulton corrector for the variance-controlled diffusion SDE (Xue et
 * al. 2023, algorithm 1); diffusers' {@code SASolverScheduler}. τ, the strength of the noise, is 1 for timesteps 200 to 800.
 */
record SaSolver(SchedulerConfig config) implements Scheduler {
    @Override
    public Trajectory trajectory(Steps steps) {
        SchedulerConfig own = config.with("final_sigmas_type", "sigma_min")
                .with("rescale_betas_zero_snr", false)
                .with("use_lu_lambdas", false);
        SolverSchedule schedule = SolverSchedule.endingAtItsLowest(own, steps, SolverSchedule.rescaled(own, steps));
        HalfLogSnr[] levels = schedule.levels();
        boolean predictX0 = predictX0();
        ModelOutput output = predictX0 ? ModelOutput.sample(config, levels) : ModelOutput.limitedNoise(config, levels);
        int predictor = config.integer("predictor_order");
        int corrector = config.integer("corrector_order");
        boolean lowerFinal = config.flag("lower_order_final");
        int n = levels.length - 1;
        // The history is the corrected latents and the noise of the previous call, then the outputs.
        return schedule.trainTrajectory(steps, (i, x, raw, history, noise) -> {
            Tensor m = output.convert(i, x, raw);
            Tensor corrected = x;
            List<Tensor> older = List.of();
            if (!history.isEmpty()) {
                older = history.subList(2, history.size());
                List<Tensor> outputs = History.after(m, older);
                int order = Math.min(lowerFinal ? Math.min(corrector, n - i + 2) : corrector, outputs.size());
                SaStep step = SaStep.of(levels, i - 1, i, order, tau(schedule.timestep(i - 1)), predictX0);
                corrected = step.apply(history.get(0), outputs, history.get(1));
            }
            List<Tensor> outputs = History.push(m, older, Math.max(predictor, corrector - 1));
            int order = Math.min(lowerFinal ? Math.min(predictor, n - i) : predictor, outputs.size());
            Tensor fresh = noise.normal(Ops.shape(x));
            SaStep step = SaStep.of(levels, i, i, order, tau(schedule.timestep(i)), predictX0);
            List<Tensor> next = new ArrayList<>(List.of(step.apply(corrected, outputs, fresh), corrected, fresh));
            next.addAll(outputs);
            return next;
        });
    }

    private boolean predictX0() {
        return switch (config.text("algorithm_type")) {
            case "data_prediction" -> true;
            case "noise_prediction" -> false;
            default -> throw config.unknown("algorithm_type", "data_prediction", "noise_prediction");
        };
    }

    private static float tau(double timestep) {
        return timestep >= 200 && timestep <= 800 ? 1 : 0;
    }
}
