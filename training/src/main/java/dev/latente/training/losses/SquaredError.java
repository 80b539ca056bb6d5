package dev.latente.training.losses;

import org.bytedeco.pytorch.Tensor;

/** The mean squared error. A 16-bit prediction of an fp32 target is compared in fp32. */
public final class SquaredError {
    private SquaredError() {}

    /** prediction and target of one shape -> a scalar (Ho et al. 2020, equation 14). */
    public static Tensor mean(Tensor prediction, Tensor target) {
        return prediction.sub(target).square().mean();
    }

    /** prediction and target [B,...] -> [B]. */
    public static Tensor perSample(Tensor prediction, Tensor target) {
        return prediction.sub(target).square().flatten(1, -1).mean(1);
    }

    /** Each sample times its weight; prediction and target [B,...], weights [B] -> a scalar. */
    public static Tensor weighted(Tensor prediction, Tensor target, Tensor weights) {
        return perSample(prediction, target).mul(weights).mean();
    }
}
