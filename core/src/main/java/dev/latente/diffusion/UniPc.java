package dev.latente.diffusion;

import java.util.List;
import java.util.function.IntUnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * UniPC: a multistep predictor of any order, and a corrector of the same order that reuses the model output of the next call
 * (Zhao et al. 2023, algorithms 1 and 2); diffusers' {@code UniPCMultistepScheduler}.
 */
record UniPc(SchedulerConfig config) implements Scheduler {
    @Override
    public Trajectory trajectory(Steps steps) {
        SchedulerConfig own =
                config.with("lambda_min_clipped", Double.NEGATIVE_INFINITY).with("use_lu_lambdas", false);
        SolverSchedule schedule = SolverSchedule.endingAtItsLowest(own, steps, UniPcSigmas.of(own, steps));
        HalfLogSnr[] levels = schedule.levels();
        boolean predictX0 = config.flag("predict_x0");
        ModelOutput output = predictX0 ? ModelOutput.sample(config, levels) : ModelOutput.noise(config, levels);
        UniPcStep step =
                new UniPcStep(levels, predictX0, config.text("solver_type").equals("bh1"));
        double[] uncorrected = config.numbers("disable_corrector");
        int solverOrder = config.integer("solver_order");
        boolean lowerFinal = config.flag("lower_order_final");
        IntUnaryOperator maxOrder = i -> lowerFinal ? Math.min(solverOrder, levels.length - 1 - i) : solverOrder;
        // The history is the corrected latents of the previous call, then the outputs.
        return schedule.trajectory(steps, (i, x, raw, history, noise) -> {
            Tensor m = output.convert(i, x, raw);
            Tensor corrected = x;
            List<Tensor> older = List.of();
            if (!history.isEmpty()) {
                older = history.subList(1, history.size());
                int skipped = i - 1;
                if (java.util.Arrays.stream(uncorrected).noneMatch(k -> k == skipped)) {
                    int order = Math.min(maxOrder.applyAsInt(i - 1), older.size());
                    corrected = step.correct(i - 1, history.get(0), older.subList(0, order), m);
                }
            }
            List<Tensor> outputs = History.push(m, older, solverOrder);
            int order = Math.min(maxOrder.applyAsInt(i), outputs.size());
            Tensor next = step.predict(i, corrected, outputs.subList(0, order));
            return History.after(next, History.after(corrected, outputs));
        });
    }
}
