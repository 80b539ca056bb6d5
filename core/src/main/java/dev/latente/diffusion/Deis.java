package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * DEIS: Adams-Bashforth of order 1 to 3 with the noise extrapolated by a polynomial in log ρ, ρ = σ/α (Zhang and Chen 2023,
 * section 3.3); diffusers' {@code DEISMultistepScheduler}.
 */
record Deis(SchedulerConfig config) implements Scheduler {
    @Override
    public Trajectory trajectory(Steps steps) {
        SchedulerConfig own = config.with("final_sigmas_type", "sigma_min")
                .with("lambda_min_clipped", Double.NEGATIVE_INFINITY)
                .with("rescale_betas_zero_snr", false)
                .with("use_lu_lambdas", false);
        SolverSchedule schedule = SolverSchedule.endingAtItsLowest(own, steps, SolverSchedule.rescaled(own, steps));
        HalfLogSnr[] levels = schedule.levels();
        ModelOutput output = ModelOutput.sample(config, levels).toNoise(levels);
        int solverOrder = Math.min(config.integer("solver_order"), 3);
        boolean lowerFinal = config.flag("lower_order_final") && levels.length - 1 < 15;
        return schedule.trajectory(steps, (i, x, raw, history, noise) -> {
            List<Tensor> m = History.push(output.convert(i, x, raw), history, solverOrder);
            int left = levels.length - 1 - i;
            int order = Math.min(m.size(), lowerFinal ? left : 3);
            HalfLogSnr s = levels[i];
            HalfLogSnr t = levels[i + 1];
            if (order == 1) {
                return History.after(DpmStep.of(DpmAlgorithm.DPM_SOLVER, s, t).first(x, m.get(0)), m);
            }
            float[] rho = new float[order];
            for (int j = 0; j < order; j++) {
                rho[j] = levels[i - j].rho();
            }
            Tensor sum = Ops.div(x, s.alpha());
            for (int j = 0; j < order; j++) {
                sum = Ops.addScaled(sum, m.get(j), integral(rho, j, t.rho()) - integral(rho, j, rho[0]));
            }
            return History.after(Ops.mul(sum, t.alpha()), m);
        });
    }

    /** Antiderivative at ρ of the Lagrange polynomial in log ρ that is 1 at node j and 0 at the others. */
    private static float integral(float[] nodes, int j, float rho) {
        float t = Fp32.log(rho);
        float b = Fp32.log(nodes[j]);
        float c = Fp32.log(nodes[(j + 1) % nodes.length]);
        if (nodes.length == 2) {
            return rho * (-c + t - 1) / (b - c);
        }
        float d = Fp32.log(nodes[(j + 2) % nodes.length]);
        return rho * (c * (d - t + 1) - d * t + d + t * t - 2 * t + 2) / ((b - c) * (b - d));
    }
}
