package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Ancestral sampling of denoising diffusion (Ho et al. 2020, equations 6 and 7); diffusers' {@code DDPMScheduler}. */
record Ddpm(SchedulerConfig config) implements Scheduler {
    @Override
    public Trajectory trajectory(Steps steps) {
        AlphaSchedule schedule = AlphaSchedule.of(config.with("set_alpha_to_one", true), steps);
        Prediction prediction = Prediction.of(config);
        Limit limit = Limit.thresholdOrClip(config);
        return schedule.trajectory(steps, (i, x, raw, history, noise) -> {
            int t = schedule.timestep(i);
            float alphaT = schedule.alphaCumprod(t);
            float alphaPrev = schedule.alphaCumprod(i + 1 < schedule.calls() ? schedule.timestep(i + 1) : -1);
            float beta = 1 - alphaT / alphaPrev;
            boolean learned = raw.size(1) == 2 * x.size(1);
            Tensor output = learned ? raw.narrow(1, 0, x.size(1)) : raw;
            Tensor x0 = limit.apply(prediction.sample(x, output, Fp32.sqrt(alphaT), Fp32.sqrt(1 - alphaT)));
            Tensor mean = Ops.combine(
                    Fp32.sqrt(alphaPrev) * beta / (1 - alphaT),
                    x0,
                    Fp32.sqrt(alphaT / alphaPrev) * (1 - alphaPrev) / (1 - alphaT),
                    x);
            if (t == 0) {
                return List.of(mean);
            }
            float small = Math.max((1 - alphaPrev) / (1 - alphaT) * beta, 1e-20f);
            Tensor epsilon = noise.normal(Ops.shape(x));
            return List.of(mean.add(
                    learned
                            ? learnedDeviation(raw.narrow(1, x.size(1), x.size(1)), small, beta)
                                    .mul(epsilon)
                            : Ops.mul(epsilon, deviation(small, beta))));
        });
    }

    /** Between the lower bound and the upper bound of the reverse process's variance (Ho et al. 2020, section 3.2). */
    private float deviation(float small, float beta) {
        return switch (config.text("variance_type")) {
            case "fixed_small", "fixed_small_log" -> Fp32.sqrt(small);
            case "fixed_large" -> Fp32.sqrt(beta);
            // What the reference computes: the root of a logarithm, which is no number.
            case "fixed_large_log" -> Fp32.sqrt(Fp32.log(beta));
            default -> throw config.unknown("variance_type", "fixed_small", "fixed_small_log", "fixed_large");
        };
    }

    /** From the second half of the model's channels (Nichol and Dhariwal 2021, equation 15). */
    private Tensor learnedDeviation(Tensor predicted, float small, float beta) {
        return switch (config.text("variance_type")) {
            case "learned" -> predicted.sqrt();
            case "learned_range" -> {
                Tensor fraction = Ops.div(Ops.add(predicted, 1), 2);
                float low = Fp32.log(small);
                yield Ops.mul(Ops.add(Ops.mul(fraction, Fp32.log(beta) - low), low), 0.5)
                        .exp();
            }
            default -> throw config.unknown("variance_type", "learned", "learned_range");
        };
    }
}
