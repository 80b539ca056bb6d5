package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** The linear multistep method of Adams and Bashforth in σ (k-diffusion's {@code sample_lms}); diffusers' {@code LMSDiscreteScheduler}. */
record LinearMultistep(SchedulerConfig config) implements Scheduler {
    @Override
    public Trajectory trajectory(Steps steps) {
        SigmaSchedule schedule = SigmaSchedule.of(config, steps);
        double[] sigmas = schedule.sigmas();
        Prediction prediction = Prediction.of(config);
        int order = config.integer("order");
        return schedule.trajectory(steps, (i, x, output, history, noise) -> {
            Tensor denoised = prediction.denoised(x, output, sigmas[i]);
            List<Tensor> ds = History.push(Ops.div(x.sub(denoised), sigmas[i]), history, order);
            Tensor sum = x;
            for (int k = 0; k < ds.size(); k++) {
                // A run that starts in the middle has fewer derivatives than the order that its coefficients are for.
                sum = sum.add(Ops.mul(ds.get(k), coefficient(sigmas, i, Math.min(i + 1, order), k)));
            }
            return History.after(sum, ds);
        });
    }

    /** The integral from σᵢ to σᵢ₊₁ of the Lagrange polynomial that is 1 at σᵢ₋ₖ and 0 at the other {@code order} - 1 levels. */
    private static double coefficient(double[] sigmas, int i, int order, int k) {
        // In u = σ - σᵢ, so that the powers stay small; coefficients by rising power.
        double[] polynomial = {1};
        for (int j = 0; j < order; j++) {
            if (j != k) {
                double root = sigmas[i - j] - sigmas[i];
                double scale = 1 / (sigmas[i - k] - sigmas[i - j]);
                double[] product = new double[polynomial.length + 1];
                for (int p = 0; p < polynomial.length; p++) {
                    product[p + 1] += polynomial[p] * scale;
                    product[p] -= polynomial[p] * root * scale;
                }
                polynomial = product;
            }
        }
        double end = sigmas[i + 1] - sigmas[i];
        double integral = 0;
        for (int p = 0; p < polynomial.length; p++) {
            integral += polynomial[p] * Math.pow(end, p + 1) / (p + 1);
        }
        return integral;
    }
}
