package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/** Keeps a predicted picture within the range of real ones. */
@FunctionalInterface
interface Limit {
    Tensor apply(Tensor sample);

    /** Dynamic thresholding if {@code thresholding} asks for it. */
    static Limit threshold(SchedulerConfig config) {
        if (!config.flag("thresholding")) {
            return sample -> sample;
        }
        double ratio = config.number("dynamic_thresholding_ratio");
        double max = config.number("sample_max_value");
        return sample -> dynamicThreshold(sample, ratio, max);
    }

    /** Dynamic thresholding, or else a fixed range if {@code clip_sample} asks for it. */
    static Limit thresholdOrClip(SchedulerConfig config) {
        if (config.flag("thresholding") || !config.flag("clip_sample")) {
            return threshold(config);
        }
        double range = config.number("clip_sample_range");
        return sample -> Ops.clamp(sample, -range, range);
    }

    /**
     * Clips each picture at a quantile of its absolute values and scales it back to ±1 (Saharia et al. 2022, section 2.3);
     * sample [B,…].
     */
    private static Tensor dynamicThreshold(Tensor sample, double ratio, double max) {
        Tensor s = Ops.clamp(Ops.quantile(sample.abs().flatten(1, -1), ratio), 1, max);
        long[] perPicture = new long[(int) sample.dim()];
        java.util.Arrays.fill(perPicture, 1);
        perPicture[0] = sample.size(0);
        s = s.view(perPicture);
        return sample.minimum(s).maximum(s.neg()).div(s);
    }
}
