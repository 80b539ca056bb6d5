package dev.latente.mundo;

import static dev.latente.mundo.Body.INK;
import static dev.latente.mundo.Body.SNOW;
import static dev.latente.mundo.Brush.blob;
import static dev.latente.mundo.Brush.box;
import static dev.latente.mundo.Brush.limb;
import static dev.latente.mundo.Brush.oval;

import java.awt.Color;

/** The mounts that run on legs, in hundredths of their length: the ground at y = 0. */
final class Beasts {
    private static final Color HOOF = new Color(0x3A2A24);
    private static final Color LEATHER = new Color(0x6B4426);
    private static final Color RED = new Color(0xC93A34);
    private static final Color GOLD = new Color(0xF4C132);
    private static final Color BEAK = new Color(0xF0A03A);

    private Beasts() {}

    static void horse(Brush brush) {
        Color coat = brush.main();
        Color far = brush.shade(-0.25);
        Color mane = brush.shade(-0.55);
        double stride = brush.swing(-3, 3);
        brush.form(mane, blob(-30, -52, -40, -53, -47, -42 + stride, -47, -22, -41, -28, -38, -38, -31, -44));
        leg(brush, far, -22, -34, -15 + stride, -18, -20 + stride, -5.5);
        leg(brush, far, 10, -34, 9 - stride, -18, 5 - stride, -5.5);
        leg(brush, coat, -26, -38, -29 - stride, -19, -36 - stride, -5.5);
        leg(brush, coat, 13, -38, 25 + stride, -27, 20 + stride, -13);
        brush.form(mane, blob(2, -58, 8, -66, 6, -73, 13, -76, 12, -84, 21, -87, 28, -89, 28, -82, 20, -70, 12, -56));
        double nod = brush.build(-2, 2);
        brush.form(
                coat,
                blob(-33, -44, -28, -55, -10, -53, 6, -56, 16, -50, 17, -38, 6, -31, -10, -30, -26, -32),
                blob(
                        2, -50, 11, -62, 16, -76, 22, -87, 30, -86, 40, -75 + nod, 47.5, -67 + nod, 46, -59 + nod, 38,
                        -58 + nod, 30, -65, 25, -57, 20, -42, 10, -38),
                blob(20, -82, 20, -96, 27, -87));
        brush.flat(brush.shade(0.35), blob(38, -71 + nod, 45, -66 + nod, 44, -61 + nod, 38, -61 + nod, 36, -66));
        brush.flat(INK, oval(32, -75, 2.7, 3.3), oval(43, -66 + nod, 1.7, 1.7));
        brush.flat(SNOW, oval(33, -76.3, 1.1, 1.1));
        brush.form(mane, blob(21, -90, 27, -91, 30, -86, 28, -81, 24, -84));
        brush.flat(RED, limb(2.8, 38, -75 + nod, 37, -68 + nod, 34, -62), limb(2.8, 36, -66 + nod, 22, -65, 8, -63));
        saddle(brush, -18, -55, 22);
    }

    static void elephant(Brush brush) {
        Color skin = brush.main();
        Color far = brush.shade(-0.22);
        double step = brush.swing(-2, 2);
        brush.form(far, limb(4, -38, -44, -46, -36, -46, -24));
        brush.form(far, box(-24 + step, -28, 14, 26, 6), box(8 - step, -28, 14, 26, 6));
        brush.form(
                skin,
                box(-38 - step, -32, 16, 30, 6),
                box(-6 + step, -32, 16, 30, 6),
                blob(-42, -38, -36, -56, -18, -63, 4, -62, 18, -52, 16, -30, 2, -22, -20, -20, -36, -24));
        brush.flat(
                SNOW,
                oval(-34 - step, -4, 2, 2),
                oval(-29 - step, -4, 2, 2),
                oval(-2 + step, -4, 2, 2),
                oval(3 + step, -4, 2, 2));
        double curl = brush.build(-4, 3);
        brush.form(
                skin,
                blob(
                        8,
                        -58,
                        18,
                        -70,
                        32,
                        -69,
                        40,
                        -58,
                        41,
                        -42,
                        40,
                        -28,
                        42,
                        -20,
                        47,
                        -24 + curl,
                        48,
                        -16 + curl,
                        42,
                        -10,
                        33,
                        -13,
                        30,
                        -26,
                        30,
                        -36,
                        20,
                        -36,
                        10,
                        -42));
        brush.form(SNOW, blob(27, -39, 32, -36, 39, -36, 36, -30, 28, -33));
        brush.form(brush.shade(-0.1), blob(2, -64, 14, -70, 20, -58, 17, -42, 8, -36, 0, -44, -3, -56));
        brush.flat(new Color(0xE9A7A2), blob(5, -60, 12, -64, 15, -56, 13, -46, 8, -42, 3, -48));
        brush.flat(INK, oval(29, -57, 2.5, 3));
        brush.form(RED, blob(-26, -62, -14, -64, -4, -63, -3, -48, -6, -38, -16, -36, -27, -39, -29, -50));
        brush.form(GOLD, limb(3, -27, -41, -16, -39, -5, -41));
    }

    static void giraffe(Brush brush) {
        Color coat = brush.main();
        Color far = brush.shade(-0.2);
        Color spot = new Color(0xA8632A);
        double step = brush.swing(-3, 3);
        brush.form(spot, limb(4, -34, -56, -43, -48, -44, -34), oval(-44, -33, 4, 5));
        leg(brush, far, -24, -44, -19 + step, -24, -22 + step, -5.5);
        leg(brush, far, 12, -44, 12 - step, -24, 8 - step, -5.5);
        leg(brush, coat, -30, -46, -32 - step, -24, -36 - step, -5.5);
        leg(brush, coat, 17, -46, 22 + step, -24, 22 + step, -5.5);
        double reach = brush.build(-126, -120);
        brush.form(spot, limb(3.5, 31, reach - 2, 29, reach - 11), oval(29, reach - 12, 3.5, 3.5));
        brush.form(
                coat,
                blob(
                        -36,
                        -50,
                        -32,
                        -63,
                        -12,
                        -62,
                        8,
                        -68,
                        16,
                        -86,
                        22,
                        reach + 8,
                        28,
                        reach - 4,
                        37,
                        reach - 4,
                        47,
                        reach + 7,
                        45,
                        reach + 13,
                        36,
                        reach + 12,
                        32,
                        reach + 18,
                        30,
                        -88,
                        26,
                        -56,
                        18,
                        -40,
                        -12,
                        -37,
                        -32,
                        -39));
        brush.form(coat, oval(21, reach - 1, 6, 3, 20));
        brush.flat(
                spot,
                oval(24, -107, 4, 5),
                oval(21, -93, 4, 5),
                oval(26, -82, 3.6, 4.5),
                oval(17, -73, 5, 5),
                oval(20, -57, 5, 6),
                oval(8, -48, 5.5, 5),
                oval(-27, -53, 5, 6),
                oval(-18, -44, 5, 4.5));
        brush.flat(Look.mix(coat, 0.5), oval(43, reach + 8, 5, 4.5));
        brush.flat(INK, oval(34, reach + 3, 2.5, 3));
        saddle(brush, -20, -61, 22);
    }

    static void ostrich(Brush brush) {
        Color down = brush.main();
        Color skin = new Color(0xEFA98C);
        double step = brush.swing(-4, 4);
        brush.form(
                Look.mix(skin, -0.2),
                limb(6, -6, -34, -16 - step, -22, -27 - step, -14),
                limb(5, -27 - step, -14, -34 - step, -8));
        brush.form(skin, limb(6.5, 2, -34, 14 + step, -22, 5 + step, -5), limb(6, 5 + step, -5, 16 + step, -5));
        double nod = brush.build(-3, 3);
        brush.form(SNOW, oval(-37, -58, 11, 7, 25), oval(-39, -48, 9, 7), oval(-36, -64, 8, 6, 50));
        brush.form(skin, limb(8.5, 22, -50, 31, -62, 28, -80, 31, -106 + nod), oval(33, -109 + nod, 9, 7.5));
        brush.form(BEAK, blob(39, -111 + nod, 47.5, -106 + nod, 39, -103 + nod));
        brush.flat(INK, oval(34, -111 + nod, 2.8, 3.2));
        brush.form(down, blob(-36, -52, -26, -64, -4, -65, 18, -62, 29, -50, 18, -36, -2, -29, -24, -33));
        brush.form(brush.shade(0.18), blob(-34, -46, -20, -54, 0, -54, 8, -44, -4, -36, -22, -35));
        brush.form(SNOW, oval(-30, -42, 8, 6, -20));
        saddle(brush, -18, -63, 18);
    }

    /** A leg through three points that ends in a hoof. */
    private static void leg(Brush brush, Color coat, double... xy) {
        brush.form(HOOF, limb(7.5, (xy[2] + 3 * xy[4]) / 4, (xy[3] + 3 * xy[5]) / 4, xy[4], xy[5]));
        brush.form(coat, limb(8, xy[0], xy[1], xy[2], xy[3], (xy[2] + 2 * xy[4]) / 3, (xy[3] + 2 * xy[5]) / 3));
    }

    /** A saddle on its cloth, from x on as wide as told, its seat at y. */
    private static void saddle(Brush brush, double x, double y, double width) {
        brush.form(RED, box(x, y, width, 20, 6));
        brush.flat(GOLD, box(x + 1, y + 15, width - 2, 3, 2));
        brush.form(
                LEATHER,
                blob(
                        x - 1,
                        y - 4,
                        x + (width / 2),
                        y - 1,
                        x + width,
                        y - 5,
                        x + width - 1,
                        y + 3,
                        x + (width / 2),
                        y + 7,
                        x,
                        y + 4));
    }
}
