package dev.latente.mundo;

import java.awt.Color;
import java.awt.geom.Area;
import java.awt.geom.Ellipse2D;
import java.util.random.RandomGenerator;

/** What the places have in common: a sky, its lights and clouds, hills and trees, all in one daylight. */
record Backdrop(Pen pen, Daylight light, RandomGenerator random) {

    static final int SIZE = 128;

    /** A colour by day as it looks in this light. */
    Color lit(int rgb) {
        Color colour = new Color(rgb);
        return switch (light) {
            case DAY -> colour;
            case SUNSET -> blend(colour, new Color(0xC8503C), 0.3);
            case NIGHT -> blend(colour, new Color(0x182254), 0.5);
        };
    }

    static Color blend(Color from, Color to, double share) {
        return new Color(
                mix(from.getRed(), to.getRed(), share),
                mix(from.getGreen(), to.getGreen(), share),
                mix(from.getBlue(), to.getBlue(), share));
    }

    private static int mix(int from, int to, double share) {
        return (int) Math.round(from + (to - from) * share);
    }

    /** A number in [centre - spread, centre + spread]. */
    double about(double centre, double spread) {
        return centre + spread * (2 * random.nextDouble() - 1);
    }

    /** The sky of the Earth: its blue, the evening's red or the night's stars, with the sun or the moon. */
    void sky(int above, int below) {
        switch (light) {
            case DAY -> {
                fade(new Color(above), new Color(below));
                pen.disc(new Color(0xFFE27A), about(98, 8), about(22, 5), 11);
            }
            case SUNSET -> {
                fade(new Color(0xE8604C), new Color(0xFFD27A));
                pen.disc(new Color(0xFFF0B0), about(96, 8), about(58, 5), 15);
            }
            case NIGHT -> {
                fade(new Color(0x141A4A), new Color(0x3A4A94));
                stars(12, 70);
                moon(about(98, 8), about(24, 5));
            }
        }
    }

    void fade(Color above, Color below) {
        pen.fade(above, below, 0, 0, SIZE, SIZE);
    }

    /** Stars above a height, strewn evenly: one in each of as many columns. */
    void stars(int count, int height) {
        for (int i = 0; i < count; i++) {
            double x = (i + 0.2 + 0.6 * random.nextDouble()) * SIZE / count;
            pen.disc(new Color(0xFFF6CC), x, 6 + random.nextDouble() * (height - 6), 1.4);
        }
    }

    /** A crescent. */
    void moon(double x, double y) {
        Area crescent = new Area(new Ellipse2D.Double(x - 11, y - 11, 22, 22));
        crescent.subtract(new Area(new Ellipse2D.Double(x - 14.5, y - 12.5, 19, 19)));
        pen.fill(new Color(0xFFF3C4), crescent);
    }

    void cloud(double x, double y, double scale) {
        Color colour = light == Daylight.DAY ? new Color(0xFFFFFF) : lit(0xF4EEF6);
        pen.disc(colour, x - 9 * scale, y, 6 * scale);
        pen.disc(colour, x, y - 4 * scale, 8 * scale);
        pen.disc(colour, x + 9 * scale, y - 1 * scale, 6.5 * scale);
        pen.round(colour, x - 15 * scale, y - 1 * scale, 31 * scale, 7 * scale, 3.5 * scale);
    }

    /** Ground from a height down to the lower edge, darker towards the viewer. */
    void ground(int above, int below, double y) {
        pen.fade(lit(above), lit(below), 0, y, SIZE, SIZE - y);
    }

    /** A hill with its top at (x, y). */
    void hill(int rgb, double x, double y, double width) {
        double bottom = SIZE + 10;
        double h = width / 2;
        pen.blob(
                lit(rgb),
                x,
                y,
                x + h * 0.5,
                y + h * 0.1,
                x + h,
                y + h * 0.32,
                x + h,
                bottom,
                x - h,
                bottom,
                x - h,
                y + h * 0.32,
                x - h * 0.5,
                y + h * 0.1);
    }

    /** A pine that stands at (x, y), in three tiers from light below to dark above. */
    void pine(int rgb, double x, double y, double height) {
        double w = height * 0.3;
        pen.box(lit(0x6B4630), x - height * 0.05, y - height * 0.2, height * 0.1, height * 0.2);
        for (int tier = 0; tier < 3; tier++) {
            double base = y - height * (0.12 + 0.25 * tier);
            double half = w * (1 - 0.24 * tier);
            Color colour = Look.mix(lit(rgb), 0.08 * tier);
            pen.polygon(colour, x - half, base, x, base - height * 0.4, x + half, base);
        }
    }

    /** A crater: a dark bowl with a bright lower rim. */
    void crater(int rim, int bowl, double x, double y, double r) {
        pen.oval(lit(rim), x, y + r * 0.1, r * 1.14, r * 0.44);
        pen.oval(lit(bowl), x, y, r, r * 0.32);
    }
}
