package dev.latente.mundo;

import static dev.latente.mundo.Body.INK;
import static dev.latente.mundo.Body.SNOW;
import static dev.latente.mundo.Brush.blob;
import static dev.latente.mundo.Brush.box;
import static dev.latente.mundo.Brush.limb;
import static dev.latente.mundo.Brush.oval;
import static dev.latente.mundo.Brush.polygon;

import java.awt.Color;
import java.awt.Shape;

/** The subjects that are animals, drawn in the frame of {@link Body}. */
final class Creatures {
    private static final Color NOSE = new Color(0xE8788A);
    private static final Color BEAK = new Color(0xF39A1F);
    private static final Color SCARF = new Color(0xD6392F);
    private static final Color WAISTCOAT = new Color(0x3C7CC9);

    private Creatures() {}

    static void cat(Body body) {
        Brush brush = body.brush();
        Color fur = brush.main();
        Color stripe = brush.shade(-0.35);
        double curl = brush.swing(-4, 4);
        brush.form(fur, limb(8, -10, -2, -26, -4, -33, -18, -29 + curl, -32));
        trunk(body, fur, SNOW, SNOW);
        brush.form(fur, polygon(-17, -50, -16, -69, 0, -61), polygon(7, -61, 22, -69, 24, -50));
        brush.flat(NOSE, polygon(-13, -54, -13, -63, -4, -58), polygon(11, -58, 19, -63, 20, -54));
        brush.form(fur, oval(3, -46, 23, 17.5));
        brush.flat(stripe, limb(3.4, 3, -62, 3, -55), limb(3.4, -5, -61, -4, -56), limb(3.4, 11, -61, 10, -56));
        brush.flat(stripe, limb(3.4, -18, -45, -13, -44), limb(3.4, -17, -39, -12, -39));
        brush.flat(SNOW, oval(8, -38, 10, 7.5));
        body.eyes(-2, 16, -47, 3.8);
        brush.flat(NOSE, polygon(5, -42, 12, -42, 8.5, -38));
        body.smile(8.5, -34, 8);
        body.nearArm(fur, SNOW);
    }

    static void bear(Body body) {
        Brush brush = body.brush();
        Color fur = brush.main();
        Color light = brush.shade(0.5);
        trunk(body, fur, light, brush.shade(-0.25));
        brush.form(fur, oval(-13, -61, 8, 8), oval(19, -61, 8, 8));
        brush.flat(light, oval(-13, -61, 4, 4), oval(19, -61, 4, 4));
        brush.form(fur, oval(3, -47, 22, 19.5));
        brush.form(light, oval(8, -40, 11, 8.5));
        body.eyes(-1, 16, -51, 3.2);
        brush.flat(INK, oval(9, -44, 5, 3.6));
        body.smile(9, -36, 7);
        brush.form(SCARF, blob(-15, -30, 2, -26, 20, -30, 19, -23, 2, -19, -15, -23));
        brush.form(SCARF, box(-14, -24, 8, 17, 4));
        body.nearArm(fur, brush.shade(-0.25));
    }

    static void rabbit(Body body) {
        Brush brush = body.brush();
        Color fur = brush.main();
        double droop = brush.swing(-4, 4);
        brush.form(brush.shade(0.4), oval(-18, -2, 6.5, 6.5));
        body.farArm(fur, fur);
        brush.form(fur, oval(-7 + droop, -57, 6.2, 13, -10 + droop), oval(11 + droop, -57, 6.2, 13, 10 + droop));
        brush.flat(NOSE, oval(-7 + droop, -57, 2.8, 9, -10 + droop), oval(11 + droop, -57, 2.8, 9, 10 + droop));
        if (!body.riding()) {
            body.legs(fur, fur);
        }
        double girth = brush.build(13, 16);
        brush.form(WAISTCOAT, box(-girth, -30, 2 * girth, 34, 18));
        brush.flat(fur, blob(-3, -30, 9, -30, 6, -6, 3, -2, 0, -6));
        brush.form(fur, oval(3, -34, 19, 15.5));
        body.eyes(-1, 14, -37, 3.4);
        body.cheeks(-7, 18, -30);
        brush.flat(NOSE, polygon(4, -33, 11, -33, 7.5, -29));
        body.smile(7.5, -25.5, 7);
        if (body.riding()) {
            body.legs(fur, fur);
        }
        body.nearArm(fur, fur);
    }

    static void frog(Body body) {
        Brush brush = body.brush();
        Color skin = brush.main();
        Color light = new Color(0xE6EC9A);
        trunk(body, skin, light, brush.shade(-0.18));
        brush.form(
                skin,
                oval(-11, -59, 10, 10),
                oval(17, -59, 10, 10),
                blob(-26, -40, -14, -56, 3, -57, 20, -56, 32, -40, 20, -29, 3, -27, -14, -29));
        brush.flat(SNOW, oval(-9, -60, 7, 7), oval(18, -60, 7, 7));
        brush.flat(INK, oval(-7, -60, 3.8, 4.4), oval(20, -60, 3.8, 4.4));
        body.cheeks(-14, 23, -40);
        brush.flat(INK, limb(3, -12, -38, -4, -34, 5, -33, 14, -34, 22, -38));
        body.nearArm(skin, brush.shade(-0.18));
    }

    static void penguin(Body body) {
        Brush brush = body.brush();
        Color coat = brush.main();
        body.farArm(coat, coat);
        if (!body.riding()) {
            body.legs(BEAK, BEAK);
        }
        double girth = brush.build(19, 22);
        brush.form(coat, blob(-13, -58, 3, -70, 19, -58, 20, -40, girth, -12, 12, 10, -12, 10, -girth, -12, -15, -40));
        brush.flat(SNOW, blob(-8, -32, 5, -38, 15, -32, girth - 3, -12, 10, 6, -6, 6, -girth + 8, -12));
        brush.flat(SNOW, oval(0, -50, 9, 10), oval(13, -50, 7, 10));
        brush.form(BEAK, blob(4, -47, 12, -50, 27, -45, 12, -40));
        body.eyes(0, 14, -53, 3.2);
        if (body.riding()) {
            body.legs(coat, BEAK);
        }
        body.nearArm(coat, coat);
    }

    static void lion(Body body) {
        Brush brush = body.brush();
        Color fur = brush.main();
        Color mane = new Color(0xA9541E);
        double curl = brush.swing(-3, 3);
        brush.form(fur, limb(5, -10, -2, -25, -4, -31, -16, -30 + curl, -24));
        brush.form(mane, oval(-30 + curl, -27, 6.5, 7));
        trunk(body, fur, Look.mix(fur, 0.5), Look.mix(fur, -0.15));
        brush.form(mane, mane(3, -46, brush.build(17, 18.5)));
        brush.form(fur, oval(-10, -58, 5, 5), oval(17, -58, 5, 5));
        brush.form(fur, oval(4, -45, 17, 15.5));
        brush.flat(Look.mix(fur, 0.6), oval(8, -38, 9, 6.5));
        body.eyes(-1, 14, -47, 3.1);
        brush.flat(mane, polygon(3, -43, 14, -43, 8.5, -37));
        body.smile(8.5, -34.5, 8);
        body.nearArm(fur, Look.mix(fur, -0.15));
    }

    private static Shape[] mane(double x, double y, double radius) {
        Shape[] tufts = new Shape[11];
        for (int i = 0; i < 10; i++) {
            double angle = 2 * Math.PI * i / 10;
            tufts[i] = oval(x + (radius * Math.cos(angle)), y + (radius * Math.sin(angle)) * 0.93, 7, 7);
        }
        tufts[10] = oval(x, y, radius, radius);
        return tufts;
    }

    /** The far arm and all of the body below the head. */
    private static void trunk(Body body, Color fur, Color belly, Color paws) {
        Brush brush = body.brush();
        body.farArm(fur, paws);
        if (!body.riding()) {
            body.legs(fur, paws);
        }
        double girth = brush.build(14, 17);
        brush.form(fur, blob(-girth + 3, -34, girth - 3, -34, girth, -10, girth - 4, 4, -girth + 4, 4, -girth, -10));
        brush.flat(belly, oval(4, -11, girth - 6, 12));
        if (body.riding()) {
            body.legs(fur, paws);
        }
    }
}
