package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * DPM-Solver and DPM-Solver++ as multistep methods of order 1 to 3, of the ODE and of the SDE (Lu et al. 2022b, algorithm 2);
 * diffusers' {@code DPMSolverMultistepScheduler}.
 */
record DpmSolverMultistep(SchedulerConfig config) implements Scheduler {
    @Override
    public Trajectory trajectory(Steps steps) {
        SolverSchedule schedule = SolverSchedule.of(config, steps);
        HalfLogSnr[] levels = schedule.levels();
        ModelOutput output = DpmAlgorithm.of(config).predictsSample()
                ? ModelOutput.sample(config, levels)
                : ModelOutput.limitedNoise(config, levels);
        return schedule.trajectory(steps, rule(config, levels, output));
    }

    static StepRule rule(SchedulerConfig config, HalfLogSnr[] levels, ModelOutput output) {
        DpmAlgorithm algorithm = DpmAlgorithm.of(config);
        boolean heun = config.text("solver_type").equals("heun");
        int solverOrder = Math.min(config.integer("solver_order"), 3);
        if (solverOrder == 3 && algorithm == DpmAlgorithm.SDE_DPM_SOLVER) {
            throw config.unknown("solver_order", 1, 2);
        }
        return (i, x, raw, history, noise) -> {
            List<Tensor> m = History.push(output.convert(i, x, raw), history, solverOrder);
            HalfLogSnr s = levels[i];
            HalfLogSnr t = levels[i + 1];
            float h = t.lambda() - s.lambda();
            // A schedule may end with the same level twice; the divided differences have no meaning there.
            int order = h == 0 ? 1 : Math.min(m.size(), maxOrder(config, i, levels.length - 1));
            DpmStep step = DpmStep.of(algorithm, s, t);
            Tensor next = step.first(x, m.get(0));
            if (order > 1) {
                float r0 = (s.lambda() - levels[i - 1].lambda()) / h;
                Tensor d1 = Ops.mul(m.get(0).sub(m.get(1)), 1 / r0);
                if (order == 2) {
                    next = heun ? step.second(next, d1) : step.midpoint(next, d1);
                } else {
                    float r1 = (levels[i - 1].lambda() - levels[i - 2].lambda()) / h;
                    Tensor change = d1.sub(Ops.mul(m.get(1).sub(m.get(2)), 1 / r1));
                    next = step.second(next, Ops.addScaled(d1, change, r0 / (r0 + r1)));
                    next = step.third(next, Ops.mul(change, 1 / (r0 + r1)));
                }
            }
            return History.after(step.stir(next, noise), m);
        };
    }

    /** The last steps of a short run are of lower order, and so is the one to σ = 0, for which λ is infinite. */
    private static int maxOrder(SchedulerConfig config, int i, int n) {
        boolean lower = config.flag("lower_order_final") && n < 15;
        if (i == n - 1
                && (lower
                        || config.flag("euler_at_final")
                        || config.text("final_sigmas_type").equals("zero"))) {
            return 1;
        }
        return i == n - 2 && lower ? 2 : 3;
    }
}
