package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Pseudo numerical methods (Liu et al. 2022, algorithm 2): three Runge-Kutta steps of four calls each, then linear multistep of
 * fourth order; or, with {@code skip_prk_steps}, multistep from the start (PLMS); diffusers' {@code PNDMScheduler}.
 */
record Pndm(SchedulerConfig config) implements Scheduler {
    private static final int RUNGE_KUTTA_CALLS = 12;

    @Override
    public Trajectory trajectory(Steps steps) {
        AlphaSchedule schedule = new AlphaSchedule(config, timesteps(steps.count()));
        int stride = stride(steps.count());
        int begin = schedule.range(steps).begin();
        int rungeKutta = config.flag("skip_prk_steps") ? 0 : RUNGE_KUTTA_CALLS;
        // The history is the latents from which the current step goes on, the weighted sum of its Runge-Kutta outputs,
        // and the
        // outputs at the earlier steps.
        return schedule.trajectory(steps, (i, x, output, history, noise) -> {
            int call = i - begin;
            return call < rungeKutta
                    ? rungeKutta(schedule, call, schedule.timestep(i), stride / 2, x, output, history)
                    : multistep(schedule, call, schedule.timestep(i), stride, x, output, history);
        });
    }

    private int stride(int n) {
        return config.integer("num_train_timesteps") / n;
    }

    private double[] timesteps(int n) {
        double[] t = Spacing.whole(config, n);
        List<Double> calls = new ArrayList<>();
        if (config.flag("skip_prk_steps")) {
            // The second call repeats the first step, now as a trapezoid.
            Arrays.stream(t).forEach(calls::add);
            if (t.length > 1) {
                calls.add(1, t[1]);
            }
        } else {
            if (t.length < 4) {
                throw new IllegalArgumentException("%s: steps: got [%d], wanted at least 4 without skip_prk_steps"
                        .formatted(config.className(), n));
            }
            int half = stride(n) / 2;
            for (int step = 0; step < 3; step++) {
                double middle = t[step + 1] + half;
                calls.addAll(List.of(t[step], middle, middle, t[step + 1]));
            }
            Arrays.stream(t, 3, t.length).forEach(calls::add);
        }
        return calls.stream().mapToDouble(c -> c).toArray();
    }

    /** One of the four calls of a step of the classical Runge-Kutta method. */
    private List<Tensor> rungeKutta(
            AlphaSchedule schedule, int call, int t, int half, Tensor x, Tensor output, List<Tensor> history) {
        int stage = call % 4;
        Tensor start = stage == 0 ? x : history.get(0);
        Tensor sum =
                stage == 0 ? Ops.div(output, 6) : Ops.addScaled(history.get(1), output, stage == 3 ? 1 / 6.0 : 1 / 3.0);
        int from = schedule.timestep(call - stage);
        int to = stage % 2 == 0 ? t - half : t;
        Tensor next = transfer(schedule, from, to, start, stage == 3 ? sum : output);
        List<Tensor> outputs = history.isEmpty() ? history : history.subList(2, history.size());
        outputs = stage == 0 ? History.after(output, outputs) : outputs;
        return History.after(next, History.after(start, History.after(sum, outputs)));
    }

    /** Adams-Bashforth, of as high an order as there are outputs, up to the fourth. */
    private List<Tensor> multistep(
            AlphaSchedule schedule, int call, int t, int stride, Tensor x, Tensor output, List<Tensor> history) {
        List<Tensor> e = history.isEmpty() ? history : history.subList(2, history.size());
        if (call == 1) {
            Tensor start = history.get(0);
            Tensor next = transfer(schedule, t + stride, t, start, Ops.div(output.add(e.get(0)), 2));
            return History.after(next, history);
        }
        e = History.push(output, e, 4);
        Tensor slope = switch (e.size()) {
            case 1 -> output;
            case 2 -> weighted(e, 3 / 2.0, -1 / 2.0);
            case 3 -> weighted(e, 23 / 12.0, -16 / 12.0, 5 / 12.0);
            default -> weighted(e, 55 / 24.0, -59 / 24.0, 37 / 24.0, -9 / 24.0);
        };
        Tensor next = transfer(schedule, t, t - stride, x, slope);
        return History.after(next, History.after(x, History.after(x, e)));
    }

    private static Tensor weighted(List<Tensor> e, double... weights) {
        Tensor sum = Ops.mul(e.get(0), weights[0]);
        for (int i = 1; i < weights.length; i++) {
            sum = Ops.addScaled(sum, e.get(i), weights[i]);
        }
        return sum;
    }

    /** The transfer part: a DDIM step between any two timesteps (Liu et al. 2022, equation 11). */
    private Tensor transfer(AlphaSchedule schedule, int from, int to, Tensor x, Tensor output) {
        float alphaT = schedule.alphaCumprod(from);
        float alphaTo = schedule.alphaCumprod(to);
        Prediction prediction = Prediction.of(config);
        if (prediction != Prediction.EPSILON && prediction != Prediction.V_PREDICTION) {
            throw config.unknown("prediction_type", "epsilon", "v_prediction");
        }
        Tensor epsilon = prediction.noise(x, output, Fp32.sqrt(alphaT), Fp32.sqrt(1 - alphaT));
        float denominator = alphaT * Fp32.sqrt(1 - alphaTo) + Fp32.sqrt(alphaT * (1 - alphaT) * alphaTo);
        // The two terms cancel where little of the picture is left; the order of the operations is the reference's.
        Tensor change = Ops.div(Ops.mul(epsilon, alphaTo - alphaT), denominator);
        return Ops.mul(x, Fp32.sqrt(alphaTo / alphaT)).sub(change);
    }
}
