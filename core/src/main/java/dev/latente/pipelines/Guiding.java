package dev.latente.pipelines;

/**
 * How strongly the prompt is followed.
 *
 * @param scale of classifier-free guidance (Ho and Salimans 2022); up to 1 for none
 * @param rescale share of the rescaled prediction (Lin et al. 2023, section 3.4), 0 to 1
 * @param from fraction of the steps at which guidance begins (Kynkäänniemi et al. 2024)
 * @param to fraction of the steps at which it ends
 */
public record Guiding(double scale, double rescale, double from, double to) {
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
    }

    public static Guiding of(double scale) {
        return new Guiding(scale, 0, 0, 1);
    }

    public Guiding withRescale(double value) {
        return new Guiding(scale, value, from, to);
    }

    public Guiding withInterval(double begin, double end) {
        return new Guiding(scale, rescale, begin, end);
    }
}
