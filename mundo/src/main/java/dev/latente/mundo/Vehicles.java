package dev.latente.mundo;

import static dev.latente.mundo.Body.INK;
import static dev.latente.mundo.Body.SNOW;
import static dev.latente.mundo.Brush.blob;
import static dev.latente.mundo.Brush.box;
import static dev.latente.mundo.Brush.limb;
import static dev.latente.mundo.Brush.oval;
import static dev.latente.mundo.Brush.polygon;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Shape;
import java.awt.geom.Path2D;

/** The mounts that people build, in hundredths of their length: the ground at y = 0. */
final class Vehicles {
    private static final Color STEEL = new Color(0xC3CBD4);
    private static final Color RUBBER = new Color(0x33343D);
    private static final Color LEATHER = new Color(0x5B3A24);
    private static final Color RED = new Color(0xD6392F);
    private static final Color FLAME = new Color(0xF48A1E);
    private static final Color LIGHT = new Color(0xFFE27A);
    private static final Color GLASS = new Color(0x7CC8EC);

    private Vehicles() {}

    static void bicycle(Brush brush) {
        double radius = brush.build(18.5, 20);
        double hub = -radius - 3;
        brush.flat(RUBBER, ring(-27, hub, radius), ring(27, hub, radius));
        brush.flat(STEEL, spokes(-27, hub, radius - 3, brush), spokes(27, hub, radius - 3, brush));
        brush.form(RUBBER, limb(3.6, -4, hub + 2, 2, hub - 10), box(-3, hub - 14, 11, 4, 3));
        brush.form(
                brush.main(),
                limb(4.4, -27, hub, -4, hub + 2, 19, -48),
                limb(4.4, -4, hub + 2, -13, -53),
                limb(4.4, -11, -47, 19, -50),
                limb(4.4, -27, hub, -11, -47),
                limb(4.4, 27, hub, 18, -58));
        brush.form(STEEL, limb(4, 18, -58, 16, -66), limb(4, 16, -66, 7, -67));
        brush.form(STEEL, oval(-4, hub + 2, 5, 5), oval(-27, hub, 3.5, 3.5), oval(27, hub, 3.5, 3.5));
        brush.form(INK, blob(-24, -57, -12, -57, -3, -56, -8, -52, -20, -52));
    }

    static void scooter(Brush brush) {
        Color body = brush.main();
        double turn = brush.swing(-1, 1);
        wheel(brush, -26, -13, 11);
        wheel(brush, 33, -13, 11);
        brush.form(STEEL, limb(4.5, 33, -13, 21, -58));
        brush.form(body, blob(24, -24, 30, -30, 42, -27, 45, -19, 38, -23, 30, -21));
        brush.form(
                body,
                blob(
                        -43, -18, -44, -32, -36, -40, -12, -42, -2, -34, 2, -17, 13, -17, 19, -30, 20, -52, 26, -53, 29,
                        -30, 22, -10, 4, -7, -8, -7, -13, -16, -20, -25, -30, -25, -38, -17));
        brush.flat(brush.shade(0.45), blob(-36, -31, -26, -35, -14, -34, -9, -27, -14, -24, -24, -29));
        brush.form(RED, oval(-44, -30, 3, 3.6));
        brush.form(LEATHER, blob(-38, -42, -22, -45, -4, -45, -3, -39, -20, -38, -36, -37));
        brush.form(body, oval(22, -57, 6.5, 6.5));
        brush.form(LIGHT, oval(27, -57 + turn, 3.6, 4.4));
        brush.form(RUBBER, limb(4, 20, -60, 13, -60 + turn, 7, -58 + turn));
        double mirror = brush.build(-71, -68);
        brush.form(STEEL, limb(2.6, 20, -60, 18, mirror), oval(17, mirror, 4, 4));
    }

    static void skateboard(Brush brush) {
        double flex = brush.swing(-1, 1);
        wheel(brush, -27, -8.5, 6.5);
        wheel(brush, 27, -8.5, 6.5);
        brush.form(STEEL, limb(5, -27, -14, -27, -10), limb(5, 27, -14, 27, -10));
        brush.form(brush.main(), limb(7, -44, -24 + flex, -34, -18, 0, -17, 34, -18, 44, -24 + flex));
        double stripe = brush.build(10, 18);
        brush.flat(brush.shade(0.6), box(-stripe, -18, 2 * stripe, 3, 3));
    }

    static void rocket(Brush brush) {
        double thrust = brush.swing(-48, -43);
        brush.form(FLAME, blob(-24, -32, -36, -32, thrust, -23, -36, -14, -24, -14));
        brush.flat(LIGHT, blob(-24, -28, -32, -27.5, thrust + 7, -23, -32, -18.5, -24, -18));
        brush.form(RED, polygon(-4, -34, -16, -52, -31, -54, -24, -34));
        brush.form(STEEL, box(-30, -32, 10, 18, 4));
        brush.form(brush.main(), blob(-24, -36, -6, -42, 14, -41, 34, -33, 47, -23, 34, -13, 14, -5, -6, -4, -24, -10));
        brush.form(RED, blob(26, -38, 38, -32, 48, -23, 38, -14, 26, -8, 29, -23));
        brush.flat(RED, box(-19, -38.5, 6, 31, 2));
        brush.form(RED, polygon(-6, -17, -19, -2, -34, -2, -26, -17));
        double pane = brush.build(6, 7.5);
        brush.form(STEEL, oval(16, -24, pane + 2, pane + 2));
        brush.flat(GLASS, oval(16, -24, pane, pane));
        brush.flat(SNOW, oval(14, -26.5, 2.2, 1.8));
    }

    private static void wheel(Brush brush, double x, double y, double radius) {
        brush.form(RUBBER, oval(x, y, radius, radius));
        brush.flat(STEEL, oval(x, y, 0.45 * radius, 0.45 * radius));
    }

    private static Shape ring(double x, double y, double radius) {
        return new BasicStroke(5.5f).createStrokedShape(oval(x, y, radius, radius));
    }

    private static Shape spokes(double x, double y, double radius, Brush brush) {
        double turn = brush.swing(0, Math.PI / 3);
        Path2D lines = new Path2D.Double();
        for (int i = 0; i < 3; i++) {
            double reachX = radius * Math.cos(turn + (Math.PI * i / 3));
            double reachY = radius * Math.sin(turn + (Math.PI * i / 3));
            lines.moveTo(x - reachX, y - reachY);
            lines.lineTo(x + reachX, y + reachY);
        }
        return new BasicStroke(2.2f).createStrokedShape(lines);
    }
}
