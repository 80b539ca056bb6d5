package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/** Turns what a model put out at a call into what a solver integrates: the picture, or the noise. */
@FunctionalInterface
interface ModelOutput {
    /**
     * What is integrated.
     *
     * @param i index of the model call in the uncut schedule
     */
    Tensor convert(int i, Tensor x, Tensor output);

    /** The predicted picture, limited as the configuration says. */
    static ModelOutput sample(SchedulerConfig config, HalfLogSnr[] levels) {
        Prediction prediction = Prediction.of(config);
        Limit limit = Limit.threshold(config);
        return (i, x, output) -> limit.apply(
                prediction.sample(x, withoutVariance(config, x, output), levels[i].alpha(), levels[i].sigma()));
    }

    /** The predicted noise. */
    static ModelOutput noise(SchedulerConfig config, HalfLogSnr[] levels) {
        Prediction prediction = Prediction.of(config);
        return (i, x, output) ->
                prediction.noise(x, withoutVariance(config, x, output), levels[i].alpha(), levels[i].sigma());
    }

    /** The noise that goes with the limited picture; the plain noise if there is no limit. */
    static ModelOutput limitedNoise(SchedulerConfig config, HalfLogSnr[] levels) {
        return config.flag("thresholding") ? sample(config, levels).toNoise(levels) : noise(config, levels);
    }

    /** The noise that this picture leaves to explain x. */
    default ModelOutput toNoise(HalfLogSnr[] levels) {
        return (i, x, output) ->
                Ops.div(Ops.addScaled(x, convert(i, x, output), -levels[i].alpha()), levels[i].sigma());
    }

    /** Of a model that also learned its variance, the first half of the channels. */
    private static Tensor withoutVariance(SchedulerConfig config, Tensor x, Tensor output) {
        boolean learned =
                config.has("variance_type") && config.text("variance_type").startsWith("learned");
        return learned && output.size(1) > x.size(1) ? output.narrow(1, 0, x.size(1)) : output;
    }
}
