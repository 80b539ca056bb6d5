package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** The third-order multistep solver of the diffusion SDE (after Lu et al. 2022b; k-diffusion's {@code sample_dpmpp_3m_sde}); {@code eta} scales the noise. */
record Dpmpp3mSde(SchedulerConfig config) implements Scheduler {
    @Override
    public Trajectory trajectory(Steps steps) {
        SigmaSchedule schedule = SigmaSchedule.of(config, steps);
        double[] sigmas = schedule.sigmas();
        Prediction prediction = Prediction.of(config);
        double eta = config.number("eta");
        return schedule.trajectory(steps, (i, x, output, history, noise) -> {
            Tensor denoised = prediction.denoised(x, output, sigmas[i]);
            if (sigmas[i + 1] == 0) {
                return List.of(denoised);
            }
            double h = Math.log(sigmas[i] / sigmas[i + 1]);
            double hEta = h * (eta + 1);
            Tensor next = Dpmpp2sAncestral.towards(x, denoised, Math.exp(-hEta))
                    .add(correction(sigmas, i, hEta, denoised, history));
            double up = sigmas[i + 1] * Math.sqrt(-Math.expm1(-2 * h * eta));
            Tensor noisy = eta == 0 ? next : Ops.addScaled(next, noise.normal(Ops.shape(x)), up);
            return History.after(noisy, History.push(denoised, history, 2));
        });
    }

    /** What the change of the prediction over the previous steps adds to the first-order step. */
    private static Tensor correction(double[] sigmas, int i, double hEta, Tensor denoised, List<Tensor> history) {
        if (history.isEmpty()) {
            return Ops.mul(denoised, 0);
        }
        double h = Math.log(sigmas[i] / sigmas[i + 1]);
        double phi2 = Math.expm1(-hEta) / hEta + 1;
        double r0 = Math.log(sigmas[i - 1] / sigmas[i]) / h;
        Tensor d0 = Ops.div(denoised.sub(history.get(0)), r0);
        if (history.size() == 1) {
            return Ops.mul(d0, phi2);
        }
        double r1 = Math.log(sigmas[i - 2] / sigmas[i - 1]) / h;
        Tensor d1 = Ops.div(history.get(0).sub(history.get(1)), r1);
        Tensor second = Ops.div(d0.sub(d1), r0 + r1);
        Tensor first = Ops.addScaled(d0, second, r0);
        double phi3 = phi2 / hEta - 0.5;
        return Ops.combine(phi2, first, -phi3, second);
    }
}
