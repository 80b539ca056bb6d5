package dev.latente.mundo;

import java.awt.Color;
import java.awt.geom.Arc2D;

/** The places under the open sky of the Earth. Landmarks keep to the left and right: the middle is for the figures. */
final class Landscapes {

    private Landscapes() {}

    static void forest(Backdrop b) {
        b.sky(0xBFE3C2, 0xEAF6D8);
        double shift = b.about(0, 4);
        for (int i = 0; i < 8; i++) {
            b.pine(0x7DB487, i * 19 - 4 + shift, 88, b.about(56, 6));
        }
        b.ground(0x4B8A4F, 0x437F49, 80);
        for (double x : new double[] {8, 33, 97, 122}) {
            b.pine(0x2F6B45, x + shift, b.about(93, 2), b.about(78, 7));
        }
        b.ground(0x5C9A4E, 0x3C7440, 92);
        trunk(b, b.about(3, 3));
        trunk(b, b.about(125, 3));
        toadstool(b, b.about(20, 5), 118);
        b.pen().oval(b.lit(0x2F6B45), b.about(108, 4), 124, 13, 7);
    }

    private static void trunk(Backdrop b, double x) {
        b.pen().box(b.lit(0x6E4529), x - 7, 0, 14, 112);
        b.pen().box(b.lit(0x835634), x - 7, 0, 5, 112);
        b.pen().oval(b.lit(0x2F6B45), x, 112, 13, 5);
    }

    private static void toadstool(Backdrop b, double x, double y) {
        b.pen().round(b.lit(0xF4E9D0), x - 2, y - 5, 4, 8, 1.5);
        b.pen().oval(b.lit(0xD94A3A), x, y - 6, 6, 3.6);
    }

    static void beach(Backdrop b) {
        b.sky(0x6FC4F2, 0xD8F2FA);
        b.cloud(b.about(58, 10), b.about(20, 6), 0.9);
        b.pen().fade(b.lit(0x1F9CC4), b.lit(0x63D3D0), 0, 62, Backdrop.SIZE, 32);
        b.pen().line(b.lit(0xBDEFF0), 2, 18, 71, 34, 71);
        b.pen().line(b.lit(0xBDEFF0), 2, 84, 76, 104, 76);
        b.pen().blob(b.lit(0xF7FBF2), -20, 90, 30, 86, 70, 90, 110, 86, 150, 90, 150, 150, -20, 150);
        b.pen().blob(b.lit(0xF5DC9C), -20, 93, 30, 89, 70, 93, 110, 89, 150, 93, 150, 150, -20, 150);
        palm(b, b.about(11, 3), b.about(26, 3));
        starfish(b, b.about(106, 8), 118);
    }

    private static void palm(Backdrop b, double x, double top) {
        Pen pen = b.pen();
        pen.bow(b.lit(0x9A6A3C), 6, x - 3, 104, x - 2, 60, x + 7, top);
        for (double[] leaf : new double[][] {{-26, 8}, {-20, -10}, {4, -20}, {24, -8}, {27, 10}}) {
            double tipX = x + 7 + leaf[0];
            double tipY = top + leaf[1] + 6;
            double midX = x + 7 + leaf[0] * 0.55;
            pen.blob(
                    b.lit(0x2F9A55),
                    x + 7,
                    top - 1,
                    midX,
                    top + leaf[1] * 0.8 - 6,
                    tipX,
                    tipY,
                    midX,
                    top + leaf[1] * 0.8 + 1);
        }
        pen.disc(b.lit(0x7A4A2A), x + 4, top + 4, 3);
        pen.disc(b.lit(0x7A4A2A), x + 10, top + 4, 3);
    }

    private static void starfish(Backdrop b, double x, double y) {
        b.pen().fill(b.lit(0xF0794E), ShapeKind.STAR.shape(x, y, 13));
    }

    static void desert(Backdrop b) {
        b.sky(0x7CC8E8, 0xFBE7B4);
        pyramid(b, b.about(38, 6), 84, 30);
        pyramid(b, b.about(74, 5), 84, 20);
        b.hill(0xEDBE62, b.about(100, 6), 74, 120);
        b.hill(0xE3AE50, b.about(22, 6), 78, 130);
        b.ground(0xF2C66C, 0xDDA34A, 94);
        b.hill(0xE6B358, 110, 108, 170);
        cactus(b, b.about(11, 3), b.about(100, 2), b.about(1, 0.1));
        cactus(b, b.about(116, 3), b.about(96, 2), b.about(0.75, 0.1));
    }

    private static void pyramid(Backdrop b, double x, double y, double h) {
        b.pen().polygon(b.lit(0xE0A860), x - h * 1.1, y, x, y - h, x + h * 1.1, y);
        b.pen().polygon(b.lit(0xC08440), x + h * 0.25, y, x, y - h, x + h * 1.1, y);
    }

    private static void cactus(Backdrop b, double x, double y, double s) {
        Color green = b.lit(0x3F8F58);
        b.pen().line(green, 8 * s, x, y, x, y - 36 * s);
        b.pen().line(green, 5.5 * s, x, y - 12 * s, x - 10 * s, y - 14 * s, x - 10 * s, y - 25 * s);
        b.pen().line(green, 5.5 * s, x, y - 17 * s, x + 10 * s, y - 19 * s, x + 10 * s, y - 31 * s);
        b.pen().line(b.lit(0x63B078), 2 * s, x - 1, y - 4 * s, x - 1, y - 34 * s);
    }

    static void snow(Backdrop b) {
        b.sky(0xA9D6F5, 0xEEF7FD);
        b.hill(0xC9E0F2, b.about(34, 6), 64, 120);
        b.hill(0xD9EAF7, b.about(100, 6), 70, 130);
        b.ground(0xF6FAFE, 0xD3E4F3, 90);
        snowyPine(b, b.about(12, 4), 98, b.about(54, 5));
        snowyPine(b, b.about(31, 4), 92, b.about(38, 4));
        igloo(b, b.about(108, 4), 95);
        b.pen().oval(b.lit(0xFFFFFF), b.about(30, 8), 120, 26, 6);
    }

    private static void snowyPine(Backdrop b, double x, double y, double height) {
        b.pine(0x3C7F74, x, y, height);
        for (int tier = 0; tier < 3; tier++) {
            double top = y - height * (0.52 + 0.25 * tier);
            double half = height * 0.15 * (1 - 0.2 * tier);
            b.pen()
                    .polygon(
                            b.lit(0xFFFFFF),
                            x - half,
                            top + height * 0.2,
                            x,
                            top,
                            x + half,
                            top + height * 0.2,
                            x,
                            top + height * 0.13);
        }
    }

    private static void igloo(Backdrop b, double x, double y) {
        b.pen().fill(b.lit(0xFFFFFF), new Arc2D.Double(x - 22, y - 22, 44, 50, 0, 180, Arc2D.CHORD));
        b.pen().bow(b.lit(0xA8C6E0), 2, x - 20, y - 8, x, y - 12, x + 20, y - 8);
        b.pen().bow(b.lit(0xA8C6E0), 2, x - 12, y - 17, x, y - 19, x + 12, y - 17);
        b.pen().fill(b.lit(0xB7D2E8), new Arc2D.Double(x - 16, y - 11, 20, 28, 0, 180, Arc2D.CHORD));
        b.pen().fill(b.lit(0x3F5F86), new Arc2D.Double(x - 12.5, y - 7.5, 13, 21, 0, 180, Arc2D.CHORD));
    }

    static void meadow(Backdrop b) {
        b.sky(0x63BDF2, 0xCDEBFA);
        b.cloud(b.about(28, 8), b.about(24, 6), 1);
        b.cloud(b.about(66, 8), b.about(38, 6), 0.7);
        b.hill(0xB5DE78, b.about(30, 8), 70, 170);
        b.hill(0x9FD266, b.about(106, 8), 76, 150);
        b.ground(0x92CC58, 0x6DB044, 92);
        int[] petals = {0xF5605C, 0xFFFFFF, 0xFFD23F, 0xB57BE0, 0xF58FC0};
        double[] spots = {8, 100, 24, 114, 44, 121, 70, 116, 92, 122, 104, 108, 121, 117};
        for (int i = 0; i < spots.length; i += 2) {
            blossom(b, petals[(i / 2) % petals.length], b.about(spots[i], 3), b.about(spots[i + 1], 2));
        }
    }

    private static void blossom(Backdrop b, int rgb, double x, double y) {
        b.pen().line(b.lit(0x3F8F3A), 2, x, y, x, y + 7);
        for (int i = 0; i < 5; i++) {
            double angle = Math.PI * 2 * i / 5;
            b.pen().disc(b.lit(rgb), x + 2.7 * Math.sin(angle), y - 2.7 * Math.cos(angle), 2.1);
        }
        b.pen().disc(b.lit(rgb == 0xFFD23F ? 0xE8862E : 0xFFD23F), x, y, 1.7);
    }

    static void mountains(Backdrop b) {
        b.sky(0x84BDEB, 0xE3F0F8);
        b.cloud(b.about(60, 10), b.about(16, 4), 0.8);
        peak(b, 0x8D97C4, b.about(64, 5), b.about(34, 4), 56);
        peak(b, 0x6D78AC, b.about(24, 5), b.about(20, 4), 58);
        peak(b, 0x5D6A9E, b.about(108, 5), b.about(28, 4), 54);
        b.pen().fade(b.lit(0x4F9DC8), b.lit(0x8CC7E0), 0, 82, Backdrop.SIZE, 14);
        b.ground(0x86B26A, 0x5E8F55, 94);
        for (double x : new double[] {6, 20, 110, 123}) {
            b.pine(0x2F6458, b.about(x, 2), b.about(100, 3), b.about(30, 5));
        }
        b.pen().blob(b.lit(0x8A8FA0), 86, 124, 92, 114, 104, 113, 110, 124);
    }

    private static void peak(Backdrop b, int rgb, double x, double top, double half) {
        double foot = 86;
        double snow = (foot - top) * 0.34;
        double side = half * 0.34;
        b.pen().polygon(b.lit(rgb), x - half, foot, x, top, x + half, foot);
        b.pen().polygon(Look.mix(b.lit(rgb), -0.2), x + half * 0.12, foot, x, top, x + half, foot);
        b.pen()
                .polygon(
                        b.lit(0xFBFDFF),
                        x - side,
                        top + snow,
                        x,
                        top,
                        x + side,
                        top + snow,
                        x + side * 0.4,
                        top + snow * 0.75,
                        x,
                        top + snow * 1.15,
                        x - side * 0.45,
                        top + snow * 0.75);
    }
}
