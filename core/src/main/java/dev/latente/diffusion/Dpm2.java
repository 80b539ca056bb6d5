package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * The midpoint method in log σ (DPM-Solver-2 as in Karras et al. 2022), two model calls for each step but the last;
 * diffusers' {@code KDPM2DiscreteScheduler} and, with noise, {@code KDPM2AncestralDiscreteScheduler}.
 */
record Dpm2(SchedulerConfig config, boolean ancestral) implements Scheduler {
    /** One step: down from {@code sigma} by way of {@code middle}; a middle of 0 stands for a plain Euler step to 0. */
    private record Midpoint(double sigma, double middle, Ancestral to) {}

    @Override
    public Trajectory trajectory(Steps steps) {
        SigmaSchedule schedule = schedule(steps);
        double[] sigmas = schedule.sigmas();
        List<Midpoint> points = IntStream.range(0, sigmas.length - 1)
                .mapToObj(k -> midpoint(sigmas[k], sigmas[k + 1]))
                .toList();
        List<Level> levels = new ArrayList<>();
        for (int k = 0; k < points.size(); k++) {
            double timestep = schedule.timesteps()[k];
            levels.add(Level.exploding(timestep, sigmas[k]));
            if (sigmas[k + 1] > 0) {
                double middle = points.get(k).middle();
                // Noise that is added between the two calls has the level of the step's end, as in the reference.
                levels.add(Level.exploding(schedule.timestep(middle), middle).withNoise(sigmas[k + 1]));
            }
        }
        return schedule.trajectory(levels, SigmaSchedule.doubled(sigmas, 2 * sigmas.length), steps, 2, rule(points));
    }

    private SigmaSchedule schedule(Steps steps) {
        SigmaSchedule schedule = SigmaSchedule.of(config, steps);
        return steps.sigmas().isEmpty() && config.flag("use_karras_sigmas")
                ? schedule.withTimesteps(s -> Math.rint(schedule.timestep(s)))
                : schedule;
    }

    private Midpoint midpoint(double sigma, double next) {
        Ancestral to = ancestral ? Ancestral.between(sigma, next) : new Ancestral(next, 0);
        return new Midpoint(sigma, next == 0 ? 0 : between(sigma, to.down()), to);
    }

    /** The geometric mean by way of fp32 logarithms, as the reference has it: of large levels that can be told. */
    private static double between(double sigma, double down) {
        float from = (float) Math.log(sigma);
        float to = (float) Math.log(down);
        return (float) Math.exp((float) (from + (to - from) * 0.5));
    }

    private StepRule rule(List<Midpoint> points) {
        Prediction prediction = Prediction.of(config);
        return (i, x, output, history, noise) -> {
            Midpoint point = points.get(i / 2);
            double sigma = history.isEmpty() ? point.sigma() : point.middle();
            Tensor denoised = prediction.denoised(x, output, sigma);
            Tensor d = Ops.div(x.sub(denoised), sigma);
            if (history.isEmpty()) {
                return List.of(x.add(Ops.mul(d, point.middle() - sigma)), x);
            }
            Tensor end = history.get(0).add(Ops.mul(d, point.to().down() - point.sigma()));
            return List.of(ancestral ? point.to().renoise(end, noise) : end);
        };
    }
}
