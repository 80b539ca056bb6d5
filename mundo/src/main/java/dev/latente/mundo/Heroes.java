package dev.latente.mundo;

import static dev.latente.mundo.Body.GOLD;
import static dev.latente.mundo.Body.INK;
import static dev.latente.mundo.Body.SKIN;
import static dev.latente.mundo.Body.SNOW;
import static dev.latente.mundo.Brush.blob;
import static dev.latente.mundo.Brush.box;
import static dev.latente.mundo.Brush.limb;
import static dev.latente.mundo.Brush.oval;
import static dev.latente.mundo.Brush.polygon;
import static dev.latente.mundo.Brush.star;

import java.awt.Color;

/** The subjects on two legs who wear something, drawn in the frame of {@link Body}. */
final class Heroes {
    private static final Color STEEL = new Color(0xB9C2CE);
    private static final Color RED = new Color(0xD6392F);
    private static final Color ORANGE = new Color(0xEE7B22);
    private static final Color LEATHER = new Color(0x6B4426);
    private static final Color CYAN = new Color(0x58E0E8);

    private Heroes() {}

    static void astronaut(Body body) {
        Brush brush = body.brush();
        brush.form(brush.shade(-0.28), box(-29, -38, 22, 36, 10));
        brush.flat(ORANGE, box(-29, -30, 7, 7, 2));
        body.farArm(brush.shade(-0.08), ORANGE);
        if (!body.riding()) {
            body.legs(brush.main(), ORANGE);
        }
        double girth = brush.build(14, 17);
        brush.form(brush.main(), box(-girth, -36, 2 * girth, 41, 20));
        brush.flat(new Color(0x3E7FD0), box(0, -21, 12, 9, 3));
        brush.flat(RED, oval(4, -16.5, 2.5, 2.5));
        brush.form(brush.main(), oval(2, -49, 21.5, 21));
        brush.form(new Color(0xF2A01F), oval(8, -48, 14, 12.5));
        brush.flat(new Color(0xFFE29A), oval(4, -53, 5.5, 3.5, -25));
        if (body.riding()) {
            body.legs(brush.main(), ORANGE);
        }
        body.nearArm(brush.main(), ORANGE);
    }

    static void robot(Body body) {
        Brush brush = body.brush();
        Color joint = new Color(0x3E8296);
        body.farArm(joint, ORANGE);
        if (!body.riding()) {
            body.legs(joint, brush.main());
        }
        double girth = brush.build(15, 18);
        brush.form(brush.main(), box(-girth, -33, 2 * girth, 37, 5));
        brush.form(brush.shade(0.5), box(-9, -25, 20, 14, 3));
        brush.flat(RED, oval(-3, -18, 3.2, 3.2));
        brush.flat(GOLD, oval(5, -18, 3.2, 3.2));
        brush.form(joint, limb(3, 1, -58, 1, -64));
        brush.form(RED, oval(1, -66, 4, 4));
        brush.form(joint, box(-22, -52, 8, 12, 4), box(18, -52, 8, 12, 4));
        brush.form(brush.shade(0.12), box(-18, -60, 40, 26, 7));
        brush.form(new Color(0x27343F), box(-10, -55, 30, 13, 6));
        brush.flat(CYAN, oval(-2, -48.5, 4.6, 4.6), oval(12, -48.5, 4.6, 4.6));
        brush.flat(joint, box(-3, -40, 15, 3, 2));
        if (body.riding()) {
            body.legs(joint, brush.main());
        }
        body.nearArm(joint, ORANGE);
    }

    static void knight(Body body) {
        Brush brush = body.brush();
        Color iron = Look.mix(STEEL, -0.3);
        body.farArm(iron, iron);
        if (!body.riding()) {
            body.legs(STEEL, iron);
        }
        double girth = brush.build(14, 16);
        brush.form(brush.main(), blob(-girth, -34, girth, -34, girth + 2, 2, 0, 7, -girth - 2, 2));
        brush.flat(GOLD, box(-1, -29, 5, 29, 1), box(-8, -22, 19, 5, 1));
        brush.form(brush.main(), blob(2, -60, -4, -69, -18, -68, -30, -58, -31, -42, -24, -50, -14, -54));
        brush.form(STEEL, blob(-17, -50, -12, -62, 3, -67, 18, -61, 23, -48, 19, -34, 3, -31, -13, -34));
        brush.flat(INK, box(1, -54, 22, 6, 3));
        brush.flat(Look.mix(STEEL, -0.5), box(5, -44, 3.4, 8, 2), box(11, -44, 3.4, 8, 2), box(17, -44, 3, 8, 2));
        if (body.riding()) {
            body.legs(STEEL, iron);
        }
        body.nearArm(STEEL, iron);
        if (!body.riding()) {
            brush.form(new Color(0x3566B8), blob(-31, -21, -20, -24, -9, -21, -10, -8, -20, 3, -30, -8));
            brush.flat(SNOW, box(-22, -21, 4.5, 20, 1), box(-29, -15, 18, 4.5, 1));
        }
    }

    static void wizard(Body body) {
        Brush brush = body.brush();
        if (body.pose() == Pose.STANDING) {
            brush.form(LEATHER, limb(4, 24, 24, 24, -34));
            brush.form(CYAN, oval(24, -39, 6.5, 6.5));
        }
        body.farArm(brush.shade(-0.15), SKIN);
        robe(body, LEATHER);
        brush.flat(GOLD, star(-7, -4, 5, 5));
        if (!body.riding()) {
            brush.flat(GOLD, star(8, 14, 5, 5), star(-11, 15, 4, 5));
        }
        brush.form(SKIN, oval(4, -38, 15, 13));
        brush.form(
                SNOW,
                blob(-11, -38, -4, -33, 5, -32, 14, -33, 20, -38, 19, -22, 10, brush.build(-8, -2), 1, -14, -10, -24));
        body.eyes(1, 13, -38, 2.9);
        brush.form(SKIN, oval(8, -33, 4, 3));
        brush.form(brush.main(), blob(-13, -48, -8, -57, -11, -64, -20, -67, -8, -70, 4, -67, 13, -58, 21, -48));
        brush.form(brush.shade(-0.12), oval(4, -47.5, 24, 4.8));
        brush.flat(GOLD, star(3, -58, 6, 5));
        body.nearArm(brush.main(), SKIN);
    }

    static void pirate(Body body) {
        Brush brush = body.brush();
        Color beard = new Color(0x33251F);
        body.farArm(brush.shade(-0.15), STEEL);
        if (!body.riding()) {
            body.legs(LEATHER, INK);
        }
        double girth = brush.build(14, 17);
        brush.form(SNOW, box(-11, -34, 22, 38, 10));
        brush.flat(RED, box(-9, -26, 20, 4.5, 1), box(-9, -17, 20, 4.5, 1), box(-9, -8, 20, 4.5, 1));
        brush.form(brush.main(), blob(-girth, -34, -4, -35, -3, -12, -6, 6, -girth - 3, 5));
        brush.form(brush.main(), blob(girth, -34, 11, -35, 10, -12, 10, 6, girth + 2, 4));
        brush.form(SKIN, oval(4, -44, 16, 14));
        brush.form(
                beard, blob(-13, -44, -6, -38, 4, -40, 15, -38, 20, -44, 19, -32, 5, brush.build(-24, -20), -10, -31));
        brush.flat(ORANGE, limb(2.8, 0, -33.5, 6, -32, 11, -34));
        body.eyes(-1, 11, -46, 2.8);
        brush.flat(INK, oval(11, -46, 5.5, 5), limb(2.5, 11, -46, 20, -52));
        brush.form(SKIN, oval(7, -41, 3.6, 3));
        brush.form(
                INK, blob(-27, -50, -21, -60, -10, -66, 3, -69, 16, -66, 27, -60, 33, -50, 18, -53, 3, -54, -12, -53));
        brush.flat(SNOW, oval(3, -61, 5, 4.2), box(0.5, -59, 5, 4.5, 2));
        if (body.riding()) {
            body.legs(LEATHER, INK);
        }
        body.nearArm(brush.main(), SKIN);
    }

    static void queen(Body body) {
        Brush brush = body.brush();
        Color hair = new Color(0xE9A93A);
        double length = brush.build(-18, -8);
        brush.form(hair, blob(-15, -52, 3, -61, 20, -52, 24, -34, 20, length - 4, 3, -14, -18, length, -21, -34));
        body.farArm(brush.shade(-0.12), SKIN);
        robe(body, RED);
        brush.form(GOLD, limb(4, -9, -8, 0, -6, 10, -8));
        brush.form(SKIN, oval(5, -43, 15.5, 14.5));
        brush.form(hair, blob(-12, -44, -9, -56, 5, -60, 19, -54, 21, -46, 12, -52, 3, -53, -6, -50));
        body.eyes(2, 13, -42, 2.9);
        body.cheeks(-3, 17, -36.5);
        body.smile(8, -34.5, 7);
        brush.form(GOLD, polygon(-9, -56, -12, -69, -3, -63, 4, -70, 11, -63, 20, -69, 17, -56));
        brush.flat(RED, oval(4, -60, 2.8, 2.8));
        body.nearArm(brush.shade(0.25), SKIN);
    }

    static void ninja(Body body) {
        Brush brush = body.brush();
        brush.form(STEEL, limb(4, 4, -10, -22, -46));
        brush.form(RED, limb(5, -20, -43, -28, -55));
        brush.form(GOLD, limb(3.5, -24, -41, -17, -47));
        body.farArm(brush.shade(-0.1), SKIN);
        if (!body.riding()) {
            body.legs(brush.main(), brush.shade(0.15));
        }
        double girth = brush.build(13, 16);
        brush.form(brush.main(), box(-girth, -36, 2 * girth, 40, 16));
        brush.flat(brush.shade(0.35), limb(3, -8, -34, 4, -20), limb(3, 13, -34, 2, -20));
        brush.form(RED, box(-girth, -11, 2 * girth, 6, 3));
        double flutter = brush.swing(-4, 4);
        brush.form(
                RED,
                limb(5.5, -14, -57, -24, -60 + flutter, -36, -56),
                limb(5.5, -14, -55, -25, -51, -33, -46 + flutter));
        brush.form(brush.main(), oval(3, -50, 20, 19.5));
        brush.form(SKIN, box(-6, -53, 29, 11, 10));
        body.eyes(4, 15, -47.5, 3.2);
        brush.form(RED, blob(-16, -56, 3, -58, 21, -56, 22, -62, 4, -65, -13, -62));
        if (body.riding()) {
            body.legs(brush.main(), brush.shade(0.15));
        }
        body.nearArm(brush.main(), SKIN);
    }

    /** A robe down to the ground, or draped over the side of the mount. */
    private static void robe(Body body, Color shoe) {
        Brush brush = body.brush();
        if (body.riding()) {
            brush.form(shoe, box(9, 16.5, 16, 9.5, 9));
            brush.form(
                    brush.main(),
                    blob(-12, -34, 0, -37, 13, -34, 17, -12, 24, 6, 22, 19, 6, 21, -10, 10, -18, 4, -15, -14));
        } else {
            double hem = brush.build(20, 24);
            brush.form(shoe, box(-14, 16.5, 15, 9.5, 9), box(2, 16.5, 15, 9.5, 9));
            brush.form(
                    brush.main(),
                    blob(-11, -34, 0, -37, 12, -34, 16, -10, hem, 17, 10, 21, -10, 21, -hem, 17, -15, -10));
        }
    }
}
