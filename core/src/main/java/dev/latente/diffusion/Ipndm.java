package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The multistep part of PNDM, without Runge-Kutta steps at its start (Liu et al. 2022, "PLMS"), for models of v on a
 * cosine schedule; diffusers' {@code IPNDMScheduler}.
 */
record Ipndm(SchedulerConfig config) implements Scheduler {
    /** Adams-Bashforth weights of the newest derivative and the ones before it, by how many there are. */
    private static final double[][] WEIGHTS = {
        {1}, {3 / 2.0, -1 / 2.0}, {23 / 12.0, -16 / 12.0, 5 / 12.0}, {55 / 24.0, -59 / 24.0, 37 / 24.0, -9 / 24.0}
    };

    @Override
    public Trajectory trajectory(Steps steps) {
        double[] sigmas = config.has("trained_betas") ? config.numbers("trained_betas") : sines(steps.count());
        double[] alphas = Arrays.stream(sigmas).map(s -> Math.sqrt(1 - s * s)).toArray();
        StepRule rule = (i, x, output, history, noise) -> {
            Tensor ets = Ops.mul(x, sigmas[i]).add(Ops.mul(output, alphas[i]));
            List<Tensor> all = History.push(ets, history, WEIGHTS.length);
            double[] weights = WEIGHTS[all.size() - 1];
            Tensor mean = Ops.mul(ets, weights[0]);
            for (int k = 1; k < weights.length; k++) {
                mean = Ops.addScaled(mean, all.get(k), weights[k]);
            }
            Tensor denoised = Ops.div(Ops.addScaled(x, mean, -sigmas[i]), Math.max(alphas[i], 1e-8));
            return History.after(Ops.combine(alphas[i + 1], denoised, sigmas[i + 1], mean), all);
        };
        double[] timesteps = new double[sigmas.length - 1];
        Arrays.setAll(timesteps, i -> Math.atan2(sigmas[i], alphas[i]) / Math.PI * 2);
        Level[] levels = new Level[timesteps.length];
        Arrays.setAll(levels, i -> new Level(timesteps[i], 1, alphas[i], sigmas[i]));
        Steps.Range range = steps.range(timesteps, 1, 1);
        return new Trajectory(List.of(levels), sigmas, 1, range, rule);
    }

    private static double[] sines(int steps) {
        return Arrays.stream(Spacing.linspace(1, 0, steps + 1))
                .map(t -> Math.sin(t * Math.PI / 2))
                .map(s -> (float) (s * s))
                .toArray();
    }
}
