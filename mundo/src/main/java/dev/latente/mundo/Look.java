package dev.latente.mundo;

import java.awt.Color;
import java.util.random.RandomGenerator;

/**
 * What may vary from one drawing of a figure to the next.
 *
 * @param main the colour that the figure is known by
 * @param a proportions, in [0, 1]
 * @param b posture, in [0, 1]
 * @param c tone of the colour, in [0, 1]
 */
public record Look(Colour main, double a, double b, double c) {
    private static final Color DARK = new Color(0x14121F);

    public Look {
        if (outside(a) || outside(b) || outside(c)) {
            throw new IllegalArgumentException(
                    "A look varies in [0, 1], got a [%s], b [%s], c [%s]".formatted(a, b, c));
        }
    }

    /** A look in the colour, its variations drawn from the generator. */
    public static Look of(Colour main, RandomGenerator random) {
        return new Look(main, random.nextDouble(), random.nextDouble(), random.nextDouble());
    }

    /** The main colour in this look's tone. */
    public Color body() {
        return shade(0);
    }

    /** {@link #body} mixed with white by {@code light} in [0, 1], or with a dark blue by {@code -light} in [0, 1]. */
    public Color shade(double light) {
        return mix(mix(main.awt(), 0.12 * (c - 0.5)), light);
    }

    /** The colour mixed with white by {@code light} in [0, 1], or with a dark blue by {@code -light} in [0, 1]. */
    public static Color mix(Color colour, double light) {
        Color to = light < 0 ? DARK : Color.WHITE;
        double share = Math.abs(light);
        return new Color(
                blend(colour.getRed(), to.getRed(), share),
                blend(colour.getGreen(), to.getGreen(), share),
                blend(colour.getBlue(), to.getBlue(), share));
    }

    private static int blend(int from, int to, double share) {
        return (int) Math.round(from + (to - from) * share);
    }

    private static boolean outside(double value) {
        return !(value >= 0 && value <= 1);
    }
}
