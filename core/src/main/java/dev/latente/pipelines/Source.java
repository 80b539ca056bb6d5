package dev.latente.pipelines;

import dev.latente.image.Picture;
import dev.latente.image.VaeImages.Fit;
import org.jspecify.annotations.Nullable;

/**
 * The picture that a run starts from.
 *
 * @param image to be changed
 * @param mask white where it is repainted, or null for everywhere
 * @param strength 0 to keep the picture, 1 to draw all of it anew
 * @param fit how it meets another aspect ratio
 * @param maskBlur radius of the blur of the mask's edge, in pixels of the picture
 * @param onlyMasked padding around the masked part, in pixels, if only that part is drawn (at the full size) and laid back;
 *     negative to draw the whole picture
 */
public record Source(Picture image, @Nullable Picture mask, double strength, Fit fit, double maskBlur, int onlyMasked) {
    public Source {
        if (!(strength >= 0 && strength <= 1)) {
            throw new IllegalArgumentException("strength: got [%s], wanted 0 to 1".formatted(strength));
        }
        if (mask != null && (mask.width() != image.width() || mask.height() != image.height())) {
            throw new IllegalArgumentException(
                    "mask of %dx%d does not fit the picture of %dx%d: make them the same size"
                            .formatted(mask.width(), mask.height(), image.width(), image.height()));
        }
    }

    public static Source of(Picture image, double strength) {
        return new Source(image, null, strength, Fit.STRETCH, 0, -1);
    }

    public Source withMask(@Nullable Picture value) {
        return new Source(image, value, strength, fit, maskBlur, onlyMasked);
    }

    public Source withFit(Fit value) {
        return new Source(image, mask, strength, value, maskBlur, onlyMasked);
    }

    public Source withMaskBlur(double radius) {
        return new Source(image, mask, strength, fit, radius, onlyMasked);
    }

    public Source withOnlyMasked(int padding) {
        return new Source(image, mask, strength, fit, maskBlur, padding);
    }
}
