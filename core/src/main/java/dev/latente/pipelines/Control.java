package dev.latente.pipelines;

import dev.latente.image.Masks;
import dev.latente.image.Picture;
import dev.latente.image.VaeImages;
import org.jspecify.annotations.Nullable;

/**
 * A picture that steers a run by a ControlNet (Zhang et al. 2023) or a T2I-Adapter (Mou et al. 2023).
 *
 * @param net trained for pictures of this kind
 * @param picture such as edges, depth or a pose; stretched to the size of the run
 * @param hidden white where the picture is not to be seen, of any size, or null; a ControlNet for inpainting is told -1 there
 * @param scale of what the net adds
 * @param from fraction of the steps at which it begins
 * @param to fraction of the steps at which it ends
 * @param guess whether a ControlNet steers the half with the prompt alone, and the coarse features more than the fine ones, so
 *     that it works without a prompt
 */
public record Control(
        ControlModel net,
        Picture picture,
        @Nullable Picture hidden,
        double scale,
        double from,
        double to,
        boolean guess) {
    public Control {
        if (!(Math.abs(scale) <= 100)) {
            throw new IllegalArgumentException("control scale: got [%s], wanted -100 to 100".formatted(scale));
        }
        if (!(from >= 0 && from <= to && to <= 1)) {
            throw new IllegalArgumentException(
                    "control interval: got [%s, %s], wanted two ascending fractions".formatted(from, to));
        }
        if (guess && net instanceof T2IAdapterCheckpoint) {
            throw new IllegalArgumentException(
                    "%s: cannot guess without a prompt: take a ControlNet for that".formatted(net));
        }
        if (hidden != null && net instanceof T2IAdapterCheckpoint) {
            throw new IllegalArgumentException(
                    "%s: cannot have a part of its picture hidden: take a ControlNet for inpainting".formatted(net));
        }
    }

    /** In full strength from the first step to the last. */
    public static Control of(ControlModel net, Picture picture) {
        return new Control(net, picture, null, 1, 0, 1, false);
    }

    public Control withPicture(Picture value) {
        return new Control(net, value, hidden, scale, from, to, guess);
    }

    public Control withHidden(@Nullable Picture mask) {
        return new Control(net, picture, mask, scale, from, to, guess);
    }

    public Control withScale(double value) {
        return new Control(net, picture, hidden, value, from, to, guess);
    }

    public Control withInterval(double begin, double end) {
        return new Control(net, picture, hidden, scale, begin, end, guess);
    }

    public Control withGuess(boolean value) {
        return new Control(net, picture, hidden, scale, from, to, value);
    }

    /** For a run that draws only a region of a picture. */
    Control within(Masks.Region r, Picture whole) {
        Control there = withPicture(crop(picture, r, whole));
        return hidden == null ? there : there.withHidden(crop(hidden, r, whole));
    }

    private static Picture crop(Picture picture, Masks.Region r, Picture whole) {
        return VaeImages.fit(picture, whole.width(), whole.height(), VaeImages.Fit.STRETCH)
                .crop(r.x(), r.y(), r.width(), r.height());
    }
}
