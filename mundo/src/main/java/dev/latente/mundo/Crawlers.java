package dev.latente.mundo;

import static dev.latente.mundo.Body.INK;
import static dev.latente.mundo.Body.ROSE;
import static dev.latente.mundo.Body.SNOW;
import static dev.latente.mundo.Brush.blob;
import static dev.latente.mundo.Brush.limb;
import static dev.latente.mundo.Brush.oval;
import static dev.latente.mundo.Brush.polygon;

import java.awt.Color;
import java.awt.Shape;

/** The mounts that crawl, swim and fly, in hundredths of their length: the ground at y = 0. */
final class Crawlers {
    private static final Color CREAM = new Color(0xF3DDA6);
    private static final Color WATER = new Color(0x8FD4F2);
    private static final Color EMBER = new Color(0xF3933B);

    private Crawlers() {}

    static void turtle(Brush brush) {
        Color skin = Look.mix(brush.main(), 0.38);
        Color plate = brush.shade(-0.3);
        double step = brush.swing(-3, 3);
        brush.form(Look.mix(skin, -0.2), limb(12, -20, -12, -16 + step, -8), limb(12, 12, -12, 10 - step, -8));
        brush.form(skin, limb(5, -38, -12, -45, -7));
        brush.form(skin, limb(14, -28, -14, -34 - step, -9), limb(14, 18, -14, 25 + step, -9));
        double crane = brush.build(-3, 2);
        brush.form(skin, limb(12, 20, -16, 32, -21, 35, -30 + crane), oval(36, -34 + crane, 11.5, 10.5));
        brush.flat(INK, oval(39, -37 + crane, 2.9, 3.6), limb(2.4, 37, -29 + crane, 41, -28 + crane, 45, -31 + crane));
        brush.flat(ROSE, oval(33, -31 + crane, 3, 2.4));
        brush.form(brush.main(), blob(-40, -14, -36, -32, -22, -45, -4, -49, 14, -45, 27, -32, 31, -14, -4, -11));
        brush.flat(
                plate,
                polygon(-13, -42, 5, -42, 10, -31, -4, -23, -18, -31),
                polygon(-19, -40, -24, -30, -35, -27, -29, -36),
                polygon(11, -40, 16, -30, 26, -27, 20, -36),
                polygon(-23, -26, -11, -19, -13, -15, -33, -17, -32, -24),
                polygon(15, -26, 3, -19, 5, -15, 24, -17, 24, -24));
        brush.form(CREAM, limb(5.5, -40, -14, -20, -12, -4, -11, 14, -12, 31, -14));
    }

    static void snail(Brush brush) {
        double stretch = brush.build(-3, 2);
        brush.form(CREAM, limb(3.6, 33, -34, 32, -49 + stretch), limb(3.6, 40, -34, 44, -47 + stretch));
        brush.form(SNOW, oval(32, -51 + stretch, 5, 5), oval(43, -49 + stretch, 5, 5));
        brush.flat(INK, oval(33.5, -51 + stretch, 2.6, 3), oval(44.2, -49 + stretch, 2.6, 3));
        brush.form(
                CREAM,
                blob(
                        -47, -3, -34, -10, -14, -14, 14, -14, 24, -20, 27, -34, 35, -41, 44, -36, 45, -26, 40, -14, 30,
                        -4, 10, -2, -20, -2));
        brush.flat(ROSE, oval(38, -24, 3, 2.4));
        brush.flat(INK, limb(2.4, 39, -29, 42, -28, 44, -30));
        brush.form(brush.main(), oval(-8, -32, 27, 25.5));
        double turn = brush.swing(-0.3, 0.3);
        brush.flat(brush.shade(-0.38), spiral(-8, -31, 19.5, turn));
    }

    private static Shape spiral(double x, double y, double radius, double turn) {
        double[] xy = new double[2 * 21];
        for (int i = 0; i <= 20; i++) {
            double angle = 0.2 * Math.PI * i + turn;
            double reach = radius * (1 - (i / 23.0));
            xy[2 * i] = x + (reach * Math.cos(angle));
            xy[2 * i + 1] = y + (reach * Math.sin(angle));
        }
        return limb(4.2, xy);
    }

    static void whale(Brush brush) {
        double flip = brush.swing(-4, 3);
        brush.form(WATER, limb(5, 31, -38, 31, -50, 24, -56), limb(5, 31, -38, 31, -50, 38, -56));
        brush.form(
                brush.main(),
                blob(
                        -34,
                        -24,
                        -40,
                        -34 + flip,
                        -48,
                        -42 + flip,
                        -41,
                        -46 + flip,
                        -35,
                        -42 + flip,
                        -29,
                        -47 + flip,
                        -24,
                        -43 + flip,
                        -27,
                        -34 + flip,
                        -26,
                        -22));
        brush.form(
                brush.main(),
                blob(
                        -38, -26, -24, -31, -8, -42, 14, -45, 34, -40, 46, -26, 45, -12, 30, -3.5, 6, -3.5, -14, -7,
                        -32, -16));
        brush.flat(new Color(0xE8F2F7), blob(45, -18, 44, -12, 30, -5, 6, -5, -8, -8, 8, -15, 26, -17));
        double paddle = brush.build(-3, 3);
        brush.form(brush.shade(-0.18), blob(4, -17, 14, -17, 12, -9, 0 + paddle, -2.8, -4 + paddle, -5));
        brush.flat(INK, oval(29, -27, 3, 3.6), limb(2.6, 32, -19, 38, -17, 44, -20));
        brush.flat(SNOW, oval(30, -28.5, 1.2, 1.2));
        brush.flat(ROSE, oval(24, -21, 3.2, 2.4));
    }

    static void dragon(Brush brush) {
        Color skin = brush.main();
        double flap = brush.swing(-5, 4);
        brush.form(brush.shade(-0.25), limb(10, -14, -18, -10, -7), limb(10, 12, -18, 14, -7));
        brush.form(EMBER, polygon(-48, -30, -43, -45, -35, -34));
        brush.form(
                EMBER,
                polygon(-30, -26, -31, -36, -23, -31),
                polygon(19, -56, 11, -62, 21, -68),
                polygon(14, -44, 6, -49, 15, -55));
        brush.form(
                skin,
                blob(
                        -41, -36, -37, -24, -26, -26, -14, -38, 2, -40, 12, -44, 17, -58, 22, -70, 32, -74, 40, -68,
                        47.5, -62, 46.5, -55, 38, -54, 31, -54, 29, -42, 24, -24, 12, -11, -8, -9, -26, -11, -40, -15,
                        -45, -24));
        brush.flat(CREAM, blob(27, -48, 25, -34, 19, -20, 8, -13, 12, -24, 19, -34, 22, -46));
        brush.form(skin, limb(12, -20, -16, -22, -8), limb(12, 8, -18, 8, -8));
        brush.flat(
                CREAM, oval(-18, -4.5, 2.2, 2), oval(-24, -4.5, 2.2, 2), oval(6, -4.5, 2.2, 2), oval(12, -4.5, 2.2, 2));
        double lift = brush.build(-3, 3);
        brush.form(
                EMBER,
                polygon(
                        -6,
                        -30,
                        -22,
                        -58 + flap,
                        -40,
                        -74 + lift + flap,
                        -43,
                        -58 + flap,
                        -38,
                        -50 + flap,
                        -33,
                        -46,
                        -27,
                        -38,
                        -22,
                        -32));
        brush.form(
                skin,
                limb(5, -6, -30, -22, -58 + flap, -40, -74 + lift + flap),
                limb(3.2, -20, -55 + flap, -36, -50 + flap),
                limb(3.2, -14, -44, -25, -37));
        brush.form(
                CREAM,
                blob(22, -70, 17, -77, 15, -84, 23, -79, 27, -73),
                blob(31, -72, 29, -79, 30, -86, 35, -79, 36, -73));
        brush.flat(INK, oval(35, -65, 2.8, 3.6), oval(45.5, -61, 1.7, 1.7), limb(2.6, 35, -57, 40, -56, 45, -58));
        brush.flat(SNOW, oval(36, -66.5, 1.2, 1.2));
        brush.flat(ROSE, oval(31, -59, 2.8, 2.2));
    }
}
