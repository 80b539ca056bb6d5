package dev.latente.mundo;

import java.awt.Color;
import java.awt.geom.Path2D;

/** The places that few have been to, and the two that people built. */
final class Wonders {

    private Wonders() {}

    static void mars(Backdrop b) {
        boolean night = b.light() == Daylight.NIGHT;
        if (night) {
            b.fade(new Color(0x2A1026), new Color(0x8A3A34));
            b.stars(12, 66);
        } else {
            b.fade(new Color(0xE79A5C), new Color(0xFAD9A8));
        }
        b.pen().disc(new Color(night ? 0xF2DFC4 : 0xFBEBCB), b.about(94, 8), b.about(24, 5), 8);
        b.pen().disc(new Color(night ? 0xDDBFA0 : 0xF3D3A4), b.about(68, 6), b.about(14, 4), 4.5);
        Backdrop dim = night ? new Backdrop(b.pen(), Daylight.SUNSET, b.random()) : b;
        mesa(dim, b.about(20, 5), b.about(52, 4), 20);
        mesa(dim, b.about(112, 5), b.about(60, 4), 15);
        dim.ground(0xD4683A, 0xA83F22, 84);
        dim.hill(0xC9572E, 108, 86, 120);
        dim.ground(0xCB5A30, 0xA33C20, 95);
        dim.crater(0xE88A58, 0x842C18, b.about(22, 4), 97, 13);
        dim.crater(0xE88A58, 0x842C18, b.about(105, 5), 115, 16);
        dim.crater(0xE07C4C, 0x8A301A, b.about(40, 5), 120, 8);
        dim.pen().blob(dim.lit(0x8C3620), 116, 96, 119, 89, 126, 89, 130, 97);
    }

    private static void mesa(Backdrop b, double x, double top, double half) {
        b.pen().polygon(b.lit(0xB5532F), x - half * 1.5, 90, x - half, top, x + half, top, x + half * 1.5, 90);
        b.pen().polygon(b.lit(0x96401F), x + half * 0.3, 90, x + half * 0.2, top, x + half, top, x + half * 1.5, 90);
    }

    static void moon(Backdrop b) {
        b.fade(new Color(0x07070F), new Color(0x15152B));
        b.stars(16, 78);
        double x = b.about(98, 7);
        double y = b.about(24, 4);
        b.pen().disc(new Color(0x3F8FE0), x, y, 15);
        b.pen().blob(new Color(0x5DB665), x - 9, y - 7, x - 1, y - 10, x + 3, y - 3, x - 3, y + 2, x - 9, y + 1);
        b.pen().blob(new Color(0x5DB665), x + 3, y + 3, x + 9, y + 1, x + 8, y + 8, x + 3, y + 11);
        b.pen().oval(new Color(0xF2F8FF), x - 1, y - 13, 6, 2);
        Backdrop day = new Backdrop(b.pen(), Daylight.DAY, b.random());
        b.pen().oval(new Color(0xB9BBC6), 64, 160, 130, 76);
        b.pen().oval(new Color(0xA6A8B5), 64, 176, 130, 76);
        day.crater(0xD9DBE3, 0x777A8A, b.about(20, 4), 98, 11);
        day.crater(0xD9DBE3, 0x777A8A, b.about(108, 5), 101, 13);
        day.crater(0xC8CAD4, 0x6E7182, b.about(34, 5), 117, 14);
        day.crater(0xC8CAD4, 0x6E7182, b.about(88, 6), 122, 10);
    }

    static void underwater(Backdrop b) {
        b.fade(new Color(0x5FD4DC), new Color(0x125C9C));
        for (double x : new double[] {12, 52, 92}) {
            double left = b.about(x, 6);
            b.pen().polygon(new Color(255, 255, 255, 34), left, 0, left + 16, 0, left + 34, 100, left + 4, 100);
        }
        b.pen().blob(new Color(0x2A6FA6), -10, 130, -6, 82, 16, 68, 34, 92, 60, 98, 96, 88, 116, 76, 136, 84, 140, 130);
        b.pen().blob(new Color(0xE8D59A), -20, 100, 20, 96, 64, 99, 108, 95, 150, 100, 150, 150, -20, 150);
        weed(b, b.about(8, 3), 60);
        weed(b, b.about(18, 2), 74);
        weed(b, b.about(122, 3), 66);
        coral(b, 0xF2607E, b.about(110, 3), 106, 1);
        coral(b, 0xF79A3E, b.about(26, 3), 112, 0.75);
        for (int i = 0; i < 7; i++) {
            double x = i < 4 ? b.about(22, 16) : b.about(108, 14);
            double y = 10 + i * 37 % 70;
            double r = b.about(3.2, 1);
            b.pen().disc(new Color(0xBFF3F5), x, y, r);
            b.pen().disc(new Color(0x6FCFDD), x + 0.6, y + 0.6, r - 1.1);
        }
    }

    private static void weed(Backdrop b, double x, double top) {
        Path2D path = new Path2D.Double();
        path.moveTo(x, 108);
        path.curveTo(x - 12, 96, x + 10, 84, x, top);
        b.pen().stroke(new Color(0x1F9A6A), 5, path);
    }

    private static void coral(Backdrop b, int rgb, double x, double y, double s) {
        Color colour = new Color(rgb);
        b.pen().line(colour, 6 * s, x, y, x, y - 26 * s);
        b.pen().line(colour, 5 * s, x, y - 8 * s, x - 11 * s, y - 14 * s, x - 11 * s, y - 24 * s);
        b.pen().line(colour, 5 * s, x, y - 12 * s, x + 10 * s, y - 18 * s, x + 10 * s, y - 29 * s);
    }

    static void volcano(Backdrop b) {
        boolean night = b.light() == Daylight.NIGHT;
        b.fade(new Color(night ? 0x180C1C : 0x6E5A66), new Color(night ? 0x7A2420 : 0xF09A5A));
        double x = b.about(44, 8);
        double top = b.about(36, 3);
        Color smoke = new Color(night ? 0x4A3640 : 0x8C7A80);
        b.pen().disc(smoke, x + 2, top - 10, 11);
        b.pen().disc(smoke, x + 14, top - 20, 13);
        b.pen().disc(smoke, x + 31, top - 27, 14);
        b.pen().disc(new Color(0xFFB02E), x, top - 1, 8);
        Color rock = new Color(night ? 0x34202C : 0x54363C);
        Path2D cone = new Path2D.Double();
        cone.moveTo(x - 62, 104);
        cone.quadTo(x - 22, 82, x - 10, top);
        cone.lineTo(x + 10, top);
        cone.quadTo(x + 22, 82, x + 62, 104);
        b.pen().fill(rock, cone);
        b.pen().oval(new Color(0xFFC93C), x, top, 10, 3.4);
        b.pen().line(new Color(0xFF6A1F), 6, x - 2, top + 2, x - 5, 56, x - 1, 72, x - 9, 94);
        b.pen().line(new Color(0xFF8A2A), 5, x + 5, top + 2, x + 10, 54, x + 19, 78);
        b.ground(0x4A3238, 0x2E1E26, 92);
        b.pen().fade(new Color(0xFFC23A), new Color(0xF2541B), 0, 112, Backdrop.SIZE, 16);
        b.pen()
                .blob(
                        new Color(night ? 0x2A1A22 : 0x3A2830),
                        -20,
                        90,
                        20,
                        94,
                        64,
                        92,
                        110,
                        94,
                        150,
                        90,
                        150,
                        112,
                        110,
                        117,
                        76,
                        112,
                        40,
                        117,
                        4,
                        112,
                        -20,
                        116);
        b.pen().oval(new Color(0xFF7A22), b.about(14, 4), 103, 13, 4);
        b.pen().oval(new Color(0xFF7A22), b.about(116, 4), 100, 11, 3.4);
    }

    static void city(Backdrop b) {
        b.fade(new Color(0x111638), new Color(0x4A3F86));
        b.stars(9, 30);
        b.moon(b.about(70, 8), b.about(18, 4));
        int[] dark = {0x2B2F5C, 0x343970};
        double[] heights = {50, 34, 56, 62, 40, 52};
        double x = b.about(-4, 3);
        for (int i = 0; i < heights.length; i++) {
            b.pen().box(new Color(dark[i % 2]), x + i * 23, b.about(heights[i], 4) - 8, 23, 80);
        }
        tower(b, 0x1D2148, b.about(2, 3), b.about(34, 4), 3);
        tower(b, 0x232858, b.about(30, 2), b.about(58, 4), 2);
        tower(b, 0x1D2148, b.about(98, 3), b.about(28, 4), 3);
        tower(b, 0x232858, b.about(76, 2), b.about(60, 4), 2);
        b.pen().box(new Color(0x6A6C88), 0, 93, Backdrop.SIZE, 4);
        b.pen().fade(new Color(0x3C3E58), new Color(0x2C2D44), 0, 97, Backdrop.SIZE, 31);
        for (int i = 0; i < 4; i++) {
            b.pen().round(new Color(0xF4E9B8), 6 + i * 34, 115, 18, 4, 1);
        }
    }

    /** A house with that many columns of windows, most of them lit. */
    private static void tower(Backdrop b, int rgb, double x, double top, int columns) {
        b.pen().box(new Color(rgb), x, top, columns * 9 + 3, 94 - top);
        for (double y = top + 5; y < 86; y += 10) {
            for (int column = 0; column < columns; column++) {
                boolean lit = b.random().nextDouble() < 0.75;
                b.pen().box(new Color(lit ? 0xFFD766 : 0x3A4078), x + 3 + column * 9, y, 5, 6);
            }
        }
    }

    static void castle(Backdrop b) {
        b.sky(0xB9A8EC, 0xFBDDEB);
        b.cloud(b.about(24, 8), b.about(20, 5), 0.8);
        b.hill(0x9CCB8C, b.about(26, 5), 78, 130);
        b.hill(0x86BE80, b.about(98, 5), 74, 140);
        double x = b.about(30, 4);
        double y = 92;
        b.pen().box(b.lit(0xC9C3D6), x - 26, y - 34, 52, 40);
        for (int i = 0; i < 5; i++) {
            b.pen().box(b.lit(0xC9C3D6), x - 26 + i * 11.5, y - 40, 6, 8);
        }
        turret(b, x - 27, y, 50, 0x5B6FD0);
        turret(b, x + 27, y, 56, 0xD0508A);
        b.pen().round(b.lit(0x6A4A3A), x - 7, y - 17, 14, 26, 7);
        turret(b, b.about(112, 3), y - 4, 34, 0x5B6FD0);
        b.ground(0x7DB86C, 0x559050, 95);
        b.pen().blob(b.lit(0xE6D3A8), x - 6, 93, x + 6, 93, x + 24, 108, x + 46, 134, x - 6, 134, x + 2, 108);
    }

    private static void turret(Backdrop b, double x, double y, double height, int roof) {
        b.pen().box(b.lit(0xDAD5E4), x - 8, y - height, 16, height + 4);
        b.pen().box(b.lit(0xB4ADC6), x + 3, y - height, 5, height + 4);
        b.pen().polygon(b.lit(roof), x - 11, y - height + 1, x, y - height - 22, x + 11, y - height + 1);
        b.pen().round(b.lit(0x57506E), x - 3, y - height + 9, 5, 9, 2.5);
        b.pen().line(b.lit(0x57506E), 2, x, y - height - 22, x, y - height - 30);
        b.pen().polygon(b.lit(0xF2B632), x, y - height - 31, x + 9, y - height - 28, x, y - height - 25);
    }
}
