package dev.latente.mundo.judge;

import dev.latente.image.Picture;
import java.awt.Color;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One form of a flat picture.
 *
 * @param mask its pixels with the dark line around it, without holes
 * @param colour of its inside
 * @param inner what lies in it, null for nothing
 */
record Form(Mask mask, Color colour, @Nullable Form inner) {
    /** How far the line about a form reaches into it, in pixels. */
    private static final int LINE = 4;

    /** The smallest form in pixels. */
    private static final int LEAST = 90;

    /** Forms that touch hang together by less than twice this, in pixels. */
    private static final int TOUCH = 5;

    /** How far apart two colours of a picture are at least. */
    private static final double APART = 45;

    /** The colour of the background: that of most of the picture's edge. */
    static Color background(Picture picture) {
        int side = picture.width();
        return typical(
                picture, Mask.of(side, i -> i < side || i % side == 0 || i % side == side - 1 || i / side == side - 1));
    }

    /** The forms that lie on the background. */
    static List<Form> of(Picture picture) {
        Color background = background(picture);
        List<Form> forms = new ArrayList<>();
        Mask open = largest(Mask.of(picture.width(), i -> distance(picture, i, background) < APART));
        if (open == null) {
            return forms;
        }
        for (Mask part : open.not().parts(LEAST)) {
            List<Mask> cores = part.eroded(TOUCH).parts(LEAST / 4);
            for (Mask mask : cores.size() > 1 ? part.shared(cores) : List.of(part)) {
                forms.add(new Form(picture, mask));
            }
        }
        return forms;
    }

    private Form(Picture picture, Mask mask) {
        this(mask, rim(picture, mask), inner(picture, mask));
    }

    /** The colour just inside of the line. */
    private static Color rim(Picture picture, Mask mask) {
        Mask deep = mask.eroded(LINE);
        Mask deeper = deep.eroded(2);
        return typical(picture, deep.and(i -> !deeper.has(i)));
    }

    private static @Nullable Form inner(Picture picture, Mask mask) {
        Color colour = rim(picture, mask);
        Mask other = largest(mask.eroded(LINE).and(i -> distance(picture, i, colour) >= APART));
        if (other == null || other.area() < LEAST) {
            return null;
        }
        Mask filled = other.filled();
        return new Form(filled, typical(picture, filled.eroded(LINE - 1)), null);
    }

    private static @Nullable Mask largest(Mask mask) {
        return mask.parts(1).stream().max(Comparator.comparingInt(Mask::area)).orElse(null);
    }

    /** The median of each channel; black where there is nothing. */
    private static Color typical(Picture picture, Mask mask) {
        int[] pixels = mask.pixels().toArray();
        return pixels.length == 0
                ? Color.BLACK
                : new Color(median(picture, pixels, 0), median(picture, pixels, 1), median(picture, pixels, 2));
    }

    private static int median(Picture picture, int[] pixels, int channel) {
        return Arrays.stream(pixels)
                .map(i -> value(picture, i, channel))
                .sorted()
                .toArray()[pixels.length / 2];
    }

    private static double distance(Picture picture, int pixel, Color colour) {
        Color other = new Color(value(picture, pixel, 0), value(picture, pixel, 1), value(picture, pixel, 2));
        return distance(other, colour);
    }

    /** Euclidean, in steps of sRGB. */
    static double distance(Color a, Color b) {
        int red = a.getRed() - b.getRed();
        int green = a.getGreen() - b.getGreen();
        int blue = a.getBlue() - b.getBlue();
        return Math.sqrt((double) red * red + green * green + blue * blue);
    }

    private static int value(Picture picture, int pixel, int channel) {
        return picture.at(pixel % picture.width(), pixel / picture.width(), channel);
    }
}
