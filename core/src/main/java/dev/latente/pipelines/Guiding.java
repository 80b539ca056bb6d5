package dev.latente.pipelines;

import dev.latente.diffusion.Guidance;
import org.bytedeco.pytorch.Tensor;

/**
 * How strongly the prompt is followed. A call outside of an interval has no guidance, which takes half the work.
 *
 * @param scale of classifier-free guidance (Ho and Salimans 2022); up to 1 for none
 * @param rescale share of the rescaled prediction (Lin et al. 2023, section 3.4), 0 to 1
 * @param from fraction of the steps at which guidance begins
 * @param to fraction of the steps at which it ends
 * @param low noise level σ above which there is guidance (Kynkäänniemi et al. 2024, section 3)
 * @param high noise level σ up to which there is guidance
 * @param skip layers to leave out, and to be guided away from what is predicted then (Stable Diffusion 3.5)
 */
public record Guiding(
        double scale, double rescale, double from, double to, double low, double high, SkippedLayers skip) {
    public static final Guiding DEFAULT = of(7.5);

    public Guiding {
        if (!(scale >= 0 && scale <= 1000)) {
            throw new IllegalArgumentException("guidance scale: got [%s], wanted 0 to 1000".formatted(scale));
        }
        if (!(rescale >= 0 && rescale <= 1)) {
            throw new IllegalArgumentException("guidance rescale: got [%s], wanted 0 to 1".formatted(rescale));
        }
        if (!(from >= 0 && from <= to && to <= 1)) {
            throw new IllegalArgumentException(
                    "guidance interval: got [%s, %s], wanted two ascending fractions".formatted(from, to));
        }
        if (!(low >= 0 && low <= high)) {
            throw new IllegalArgumentException(
                    "guidance interval: got [%s, %s], wanted two ascending noise levels".formatted(low, high));
        }
    }

    public static Guiding of(double scale) {
        return new Guiding(scale, 0, 0, 1, 0, Double.POSITIVE_INFINITY, SkippedLayers.NONE);
    }

    public Guiding withRescale(double value) {
        return new Guiding(scale, value, from, to, low, high, skip);
    }

    /** Guidance in a part of the run. */
    public Guiding withInterval(double begin, double end) {
        return new Guiding(scale, rescale, begin, end, low, high, skip);
    }

    /** Guidance at some noise levels, σ of the noise beside a picture of unit signal; the last ones of a run are the lowest. */
    public Guiding withNoiseInterval(double above, double upTo) {
        return new Guiding(scale, rescale, from, to, above, upTo, skip);
    }

    public Guiding withSkip(SkippedLayers value) {
        return new Guiding(scale, rescale, from, to, low, high, value);
    }

    /** Both halves of a guided call put together at a scale. */
    Tensor combine(Tensor negative, Tensor positive, double at) {
        Tensor guided = Guidance.combine(negative, positive, at);
        return rescale == 0 ? guided : Guidance.rescale(guided, positive, rescale);
    }

    /** The scale at a call of a run, with the noise levels of all its calls; 1 where there is no guidance. */
    double scaleAt(int call, double[] noiseLevels) {
        boolean inside = low < noiseLevels[call] && noiseLevels[call] <= high;
        return inside ? Guidance.scaleWithin(scale, from, to, call, noiseLevels.length) : 1;
    }
}
