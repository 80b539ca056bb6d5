package dev.latente.pipelines;

import dev.latente.image.Masks;
import dev.latente.image.Picture;
import dev.latente.image.VaeImages;

/**
 * A picture that steers a run by a ControlNet (Zhang et al. 2023).
 *
 * @param net trained for pictures of this kind
 * @param picture such as edges, depth or a pose; stretched to the size of the run
 * @param scale of what the net adds
 * @param from fraction of the steps at which it begins
 * @param to fraction of the steps at which it ends
 * @param guess whether it steers the half with the prompt alone, and the coarse features more than the fine ones, so that it
 *     works without a prompt
 */
public record Control(ControlNetCheckpoint net, Picture picture, double scale, double from, double to, boolean guess) {
    public Control {
        if (!(Math.abs(scale) <= 100)) {
            throw new IllegalArgumentException("control scale: got [%s], wanted -100 to 100".formatted(scale));
        }
        if (!(from >= 0 && from <= to && to <= 1)) {
            throw new IllegalArgumentException(
                    "control interval: got [%s, %s], wanted two ascending fractions".formatted(from, to));
        }
    }

    /** In full strength from the first step to the last. */
    public static Control of(ControlNetCheckpoint net, Picture picture) {
        return new Control(net, picture, 1, 0, 1, false);
    }

    public Control withPicture(Picture value) {
        return new Control(net, value, scale, from, to, guess);
    }

    public Control withScale(double value) {
        return new Control(net, picture, value, from, to, guess);
    }

    public Control withInterval(double begin, double end) {
        return new Control(net, picture, scale, begin, end, guess);
    }

    public Control withGuess(boolean value) {
        return new Control(net, picture, scale, from, to, value);
    }

    /** For a run that draws only a region of a picture. */
    Control within(Masks.Region r, Picture whole) {
        Picture over = VaeImages.fit(picture, whole.width(), whole.height(), VaeImages.Fit.STRETCH);
        return withPicture(over.crop(r.x(), r.y(), r.width(), r.height()));
    }
}
