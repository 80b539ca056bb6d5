package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * DPM-Solver and DPM-Solver++ as singlestep methods: groups of one to three model calls, each of which goes on from the start
 * of its group (Lu et al. 2022, algorithms 1 and 2); diffusers' {@code DPMSolverSinglestepScheduler}.
 */
record DpmSolverSinglestep(SchedulerConfig config) implements Scheduler {
    @Override
    public Trajectory trajectory(Steps steps) {
        SolverSchedule schedule =
                SolverSchedule.of(config.with("timestep_spacing", "linspace").with("use_lu_lambdas", false), steps);
        HalfLogSnr[] levels = schedule.levels();
        DpmAlgorithm algorithm = DpmAlgorithm.of(config);
        ModelOutput output = algorithm.predictsSample()
                ? ModelOutput.sample(config, levels)
                : ModelOutput.limitedNoise(config, levels);
        int[] orders = orders(levels.length - 1);
        boolean heun = config.text("solver_type").equals("heun");
        // The history is the sample at the start of the group, then the outputs.
        return schedule.trajectory(steps, (i, x, raw, history, noise) -> {
            List<Tensor> older = history.isEmpty() ? history : history.subList(1, history.size());
            List<Tensor> m = History.push(output.convert(i, x, raw), older, 3);
            int order = Math.min(orders[i], m.size());
            Tensor start = order == 1 ? x : history.get(0);
            HalfLogSnr s = levels[i - order + 1];
            DpmStep step = DpmStep.of(algorithm, s, levels[i + 1]);
            Tensor d0 = m.get(order - 1);
            Tensor next = step.first(start, d0);
            if (order > 1) {
                float h = levels[i + 1].lambda() - s.lambda();
                float r0 = (levels[i].lambda() - s.lambda()) / h;
                Tensor d1 = Ops.mul(m.get(0).sub(d0), 1 / r0);
                if (!heun) {
                    next = order == 2 ? step.midpoint(next, d1) : step.second(next, d1);
                } else if (order == 2) {
                    next = step.second(next, d1);
                } else {
                    float r1 = (levels[i - 1].lambda() - s.lambda()) / h;
                    Tensor d1Early = Ops.mul(m.get(1).sub(d0), 1 / r1);
                    next = step.second(next, Ops.div(Ops.combine(r0, d1Early, -r1, d1), r0 - r1));
                    next = step.third(next, Ops.div(Ops.mul(d1.sub(d1Early), 2), r0 - r1));
                }
            }
            return History.after(step.stir(next, noise), History.after(start, m));
        });
    }

    /** How many calls of its group each call can look back on, itself included. */
    private int[] orders(int n) {
        int order = config.integer("solver_order");
        if (order < 1 || order > 3) {
            throw config.unknown("solver_order", 1, 2, 3);
        }
        boolean zero = config.text("final_sigmas_type").equals("zero");
        boolean lowerFinal = config.flag("lower_order_final") || n % order != 0;
        int[] orders = new int[n];
        Arrays.setAll(orders, i -> 1 + i % order);
        // To σ = 0 λ is infinite; and a run of full groups gives the last call's order up for stability.
        if (zero || (lowerFinal && orders[n - 1] == order)) {
            orders[n - 1] = 1;
        }
        return orders;
    }
}
