package dev.latente.mundo;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the figures promise: their frames, that one look is one picture, and that nobody mistakes one for another. */
class FigureTest {
    private static final int UNIT = 200;
    private static final double PIXEL = 1.0 / UNIT;

    @ParameterizedTest
    @EnumSource(Subject.class)
    void aSubjectStaysWithinItsFrame(Subject subject) {
        for (Look look : looks(subject.usual())) {
            for (Pose pose : Pose.values()) {
                Rectangle2D bounds = bounds(render(g -> subject.paint(g, pose, look)));
                boolean riding = pose == Pose.RIDING;
                assertWithin(bounds, 0.45, riding ? -0.72 : -1, riding ? 0.3 : 0);
                assertThat(bounds.getMinY()).as("crown").isLessThan(riding ? -0.66 : -0.94);
                assertThat(bounds.getMaxY()).as("soles").isGreaterThan(riding ? 0.22 : -0.03);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Mount.class)
    void aMountStaysWithinItsFrameAndStandsOnTheGround(Mount mount) {
        for (Look look : looks(mount.usual())) {
            Rectangle2D bounds = bounds(render(g -> mount.paint(g, look)));
            assertWithin(bounds, 0.5, -1.45, 0);
            assertThat(bounds.getWidth()).as("length").isGreaterThan(0.85);
            assertThat(bounds.getMaxY()).as("ground").isGreaterThan(-0.03);
        }
    }

    @ParameterizedTest
    @EnumSource(Mount.class)
    void aRiderSitsOnItsMount(Mount mount) {
        BufferedImage image = render(g -> mount.paint(g, new Look(mount.usual(), 0.5, 0.5, 0.5)));
        int below =
                image.getRGB(UNIT + (int) (mount.seatX() * UNIT), 3 * UNIT / 2 + (int) ((mount.seatY() + 0.04) * UNIT));
        assertThat(below >>> 24).as("opaque below the seat").isEqualTo(255);
    }

    @Test
    void oneLookIsOnePicture() {
        for (Subject subject : Subject.values()) {
            Look look = Look.of(subject.usual(), new SplittableRandom(7));
            assertThat(look).isEqualTo(Look.of(subject.usual(), new SplittableRandom(7)));
            assertThat(pixels(g -> subject.paint(g, Pose.WAVING, look)))
                    .isEqualTo(pixels(g -> subject.paint(g, Pose.WAVING, look)));
        }
    }

    @Test
    void noTwoSubjectsLookAlike() {
        List<int[]> pictures = new ArrayList<>();
        for (Subject subject : Subject.values()) {
            pictures.add(pixels(g -> subject.paint(g, Pose.STANDING, new Look(subject.usual(), 0.5, 0.5, 0.5))));
        }
        assertThat(smallestDistance(pictures)).isGreaterThan(30);
    }

    @Test
    void noTwoMountsLookAlike() {
        List<int[]> pictures = new ArrayList<>();
        for (Mount mount : Mount.values()) {
            pictures.add(pixels(g -> mount.paint(g, new Look(mount.usual(), 0.5, 0.5, 0.5))));
        }
        assertThat(smallestDistance(pictures)).isGreaterThan(30);
    }

    /** The corners of what may vary, and some looks between them. */
    private static List<Look> looks(Colour colour) {
        List<Look> looks = new ArrayList<>();
        for (int a = 0; a <= 1; a++) {
            looks.add(new Look(colour, a, 0, 0.5));
            looks.add(new Look(colour, a, 1, 0.5));
        }
        SplittableRandom random = new SplittableRandom(11);
        for (int i = 0; i < 12; i++) {
            looks.add(Look.of(colour, random));
        }
        return looks;
    }

    private static void assertWithin(Rectangle2D bounds, double side, double top, double bottom) {
        assertThat(bounds.getMinX()).as("left").isGreaterThanOrEqualTo(-side - PIXEL);
        assertThat(bounds.getMaxX()).as("right").isLessThanOrEqualTo(side + PIXEL);
        assertThat(bounds.getMinY()).as("top").isGreaterThanOrEqualTo(top - PIXEL);
        assertThat(bounds.getMaxY()).as("bottom").isLessThanOrEqualTo(bottom + PIXEL);
    }

    private static BufferedImage render(Consumer<Graphics2D> figure) {
        BufferedImage image = new BufferedImage(2 * UNIT, 2 * UNIT, BufferedImage.TYPE_INT_ARGB);
        Graphics2D g = image.createGraphics();
        g.translate(UNIT, 3 * UNIT / 2);
        g.scale(UNIT, UNIT);
        figure.accept(g);
        g.dispose();
        return image;
    }

    private static int[] pixels(Consumer<Graphics2D> figure) {
        BufferedImage image = render(figure);
        return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    }

    /** The frame of all that is painted, in units around the origin. */
    private static Rectangle2D bounds(BufferedImage image) {
        int left = image.getWidth();
        int top = image.getHeight();
        int right = 0;
        int bottom = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                if (image.getRGB(x, y) >>> 24 != 0) {
                    left = Math.min(left, x);
                    right = Math.max(right, x + 1);
                    top = Math.min(top, y);
                    bottom = Math.max(bottom, y + 1);
                }
            }
        }
        return new Rectangle2D.Double(
                (left - UNIT) * PIXEL, (top - 3 * UNIT / 2) * PIXEL, (right - left) * PIXEL, (bottom - top) * PIXEL);
    }

    /** The smallest mean difference per channel, of 255, over the pixels that either of two pictures paints. */
    private static double smallestDistance(List<int[]> pictures) {
        double smallest = 255;
        for (int i = 0; i < pictures.size(); i++) {
            for (int j = 0; j < i; j++) {
                smallest = Math.min(smallest, distance(pictures.get(i), pictures.get(j)));
            }
        }
        return smallest;
    }

    private static double distance(int[] one, int[] other) {
        long sum = 0;
        int painted = 0;
        for (int i = 0; i < one.length; i++) {
            if ((one[i] | other[i]) >>> 24 != 0) {
                Color p = over(one[i]);
                Color q = over(other[i]);
                sum += Math.abs(p.getRed() - q.getRed())
                        + Math.abs(p.getGreen() - q.getGreen())
                        + Math.abs(p.getBlue() - q.getBlue());
                painted++;
            }
        }
        return sum / (3.0 * painted);
    }

    /** The pixel where it is painted, else the middle grey behind it. */
    private static Color over(int argb) {
        return argb >>> 24 < 128 ? Color.GRAY : new Color(argb);
    }
}
