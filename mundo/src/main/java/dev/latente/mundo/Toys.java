package dev.latente.mundo;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Arc2D;
import java.awt.geom.Area;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;

/** The drawings of things, first half: what grows, floats, drives and houses. Each stands on y = 0 and is 1 high. */
final class Toys {

    private static final Color LEAF = new Color(0x4E9E48);
    private static final Color WOOD = new Color(0x7A5033);
    private static final Color GLASS = new Color(0xBFE6F5);
    private static final Color DARK = new Color(0x34343E);
    private static final Color CREAM = new Color(0xFBF1DC);

    private Toys() {}

    static Pen pen(Graphics2D g) {
        return new Pen(g, 0.024);
    }

    static void apple(Graphics2D g, Look look) {
        Pen pen = pen(g);
        pen.bow(WOOD, 0.06, 0, -0.72, 0, -0.88, 0.08, -0.97);
        pen.blob(
                look.body(),
                0,
                -0.74,
                0.24,
                -0.8,
                0.43,
                -0.6,
                0.4,
                -0.28,
                0.2,
                -0.02,
                0,
                -0.05,
                -0.2,
                -0.02,
                -0.4,
                -0.28,
                -0.43,
                -0.6,
                -0.24,
                -0.8);
        pen.blob(LEAF, 0.03, -0.82, 0.16, -0.97, 0.36, -0.95, 0.24, -0.82);
        pen.flat().oval(look.shade(0.45), -0.25, -0.57, 0.07, 0.12);
    }

    static void banana(Graphics2D g, Look look) {
        Pen pen = pen(g);
        Path2D peel = new Path2D.Double();
        peel.moveTo(0.42, -0.94);
        peel.curveTo(0.5, -0.4, 0.2, 0.02, -0.3, 0);
        peel.curveTo(-0.44, 0, -0.56, -0.1, -0.54, -0.2);
        peel.curveTo(-0.1, -0.2, 0.18, -0.5, 0.27, -0.92);
        peel.closePath();
        pen.fill(look.body(), peel);
        pen.bow(look.shade(-0.2), 0.035, 0.35, -0.85, 0.32, -0.2, -0.4, -0.09);
        pen.polygon(WOOD, 0.26, -0.9, 0.29, -1, 0.41, -1, 0.43, -0.92);
        pen.oval(WOOD, -0.54, -0.15, 0.045, 0.06);
    }

    static void tree(Graphics2D g, Look look) {
        Pen pen = pen(g);
        pen.polygon(WOOD, -0.11, 0, -0.07, -0.45, 0.07, -0.45, 0.11, 0);
        Area crown = new Area();
        double[] puffs = {0, -0.76, 0.24, -0.24, -0.56, 0.2, 0.24, -0.56, 0.2, -0.22, -0.74, 0.16, 0.22, -0.74, 0.16};
        for (int i = 0; i < puffs.length; i += 3) {
            double r = puffs[i + 2];
            crown.add(new Area(new Ellipse2D.Double(puffs[i] - r, puffs[i + 1] - r, 2 * r, 2 * r)));
        }
        crown.add(new Area(new Ellipse2D.Double(-0.2, -0.72, 0.4, 0.36)));
        pen.fill(look.body(), crown);
        Pen flat = pen.flat();
        flat.disc(look.shade(0.2), -0.16, -0.76, 0.14);
        flat.disc(look.shade(0.2), 0.12, -0.84, 0.08);
        flat.disc(look.shade(-0.15), 0.2, -0.54, 0.11);
    }

    static void house(Graphics2D g, Look look) {
        Pen pen = pen(g);
        pen.box(new Color(0xA05A46), 0.22, -0.95, 0.13, 0.35);
        pen.box(CREAM, -0.42, -0.55, 0.84, 0.55);
        pen.polygon(look.body(), -0.56, -0.52, 0, -1, 0.56, -0.52);
        pen.round(WOOD, 0.06, -0.35, 0.22, 0.35, 0.04);
        pen.box(GLASS, -0.31, -0.4, 0.24, 0.22);
        pen.line(WOOD, 0.025, -0.19, -0.4, -0.19, -0.18);
        pen.flat().disc(new Color(0xF6C934), 0.22, -0.17, 0.025);
        pen.disc(GLASS, 0, -0.7, 0.085);
    }

    static void car(Graphics2D g, Look look) {
        Pen pen = pen(g);
        pen.blob(look.body(), -0.36, -0.36, -0.27, -0.68, -0.05, -0.72, 0.14, -0.66, 0.3, -0.36, 0, -0.3);
        pen.polygon(GLASS, -0.27, -0.38, -0.2, -0.6, -0.05, -0.62, -0.05, -0.38);
        pen.polygon(GLASS, 0.01, -0.38, 0.01, -0.62, 0.1, -0.59, 0.22, -0.38);
        pen.round(look.body(), -0.6, -0.42, 1.2, 0.28, 0.12);
        pen.round(look.shade(-0.25), -0.6, -0.22, 1.2, 0.08, 0.04);
        pen.oval(new Color(0xFFE9A0), 0.55, -0.31, 0.045, 0.06);
        for (double x : new double[] {-0.33, 0.33}) {
            pen.disc(DARK, x, -0.15, 0.15);
            pen.flat().disc(new Color(0xC9CED6), x, -0.15, 0.07);
        }
    }

    static void boat(Graphics2D g, Look look) {
        Pen pen = pen(g);
        pen.line(WOOD, 0.05, 0, -0.25, 0, -0.98);
        Color sail = new Color(0xFDF8EC);
        pen.polygon(sail, 0.04, -0.94, 0.46, -0.34, 0.04, -0.34);
        pen.polygon(Look.mix(sail, -0.08), -0.05, -0.84, -0.36, -0.34, -0.05, -0.34);
        pen.blob(look.body(), -0.56, -0.28, 0, -0.26, 0.56, -0.28, 0.4, -0.02, 0, 0, -0.38, -0.02);
        pen.line(CREAM, 0.045, -0.47, -0.17, 0.47, -0.17);
        pen.polygon(look.body(), 0, -1, -0.18, -0.94, 0, -0.88);
    }

    static void umbrella(Graphics2D g, Look look) {
        Pen pen = pen(g);
        Path2D cane = new Path2D.Double();
        cane.moveTo(0, -0.95);
        cane.lineTo(0, -0.12);
        cane.curveTo(0, 0.03, 0.2, 0.03, 0.2, -0.12);
        pen.stroke(WOOD, 0.055, cane);
        Path2D roof = new Path2D.Double();
        roof.moveTo(-0.55, -0.43);
        roof.curveTo(-0.5, -1.1, 0.5, -1.1, 0.55, -0.43);
        roof.quadTo(0.37, -0.54, 0.19, -0.43);
        roof.quadTo(0, -0.54, -0.19, -0.43);
        roof.quadTo(-0.37, -0.54, -0.55, -0.43);
        roof.closePath();
        pen.fill(look.body(), roof);
        Path2D middle = new Path2D.Double();
        middle.moveTo(-0.19, -0.43);
        middle.curveTo(-0.17, -0.75, -0.05, -0.9, 0, -0.93);
        middle.curveTo(0.05, -0.9, 0.17, -0.75, 0.19, -0.43);
        middle.quadTo(0, -0.54, -0.19, -0.43);
        pen.fill(look.shade(0.35), middle);
        pen.disc(WOOD, 0, -0.96, 0.035);
    }

    static void balloon(Graphics2D g, Look look) {
        Pen pen = pen(g);
        pen.bow(DARK, 0.03, 0, -0.3, 0.14, -0.15, 0, 0);
        pen.polygon(look.shade(-0.1), -0.07, -0.26, 0, -0.35, 0.07, -0.26);
        pen.blob(
                look.body(),
                0,
                -1,
                0.19,
                -0.95,
                0.33,
                -0.74,
                0.24,
                -0.48,
                0,
                -0.31,
                -0.24,
                -0.48,
                -0.33,
                -0.74,
                -0.19,
                -0.95);
        pen.flat().oval(look.shade(0.5), -0.15, -0.78, 0.06, 0.11);
    }

    static void flower(Graphics2D g, Look look) {
        Pen pen = pen(g);
        pen.line(LEAF, 0.07, 0, -0.03, 0, -0.6);
        pen.blob(LEAF, 0, -0.08, 0.12, -0.3, 0.36, -0.34, 0.26, -0.14);
        pen.blob(LEAF, 0, -0.14, -0.12, -0.36, -0.36, -0.4, -0.26, -0.2);
        for (int i = 0; i < 6; i++) {
            double angle = Math.PI * 2 * i / 6;
            pen.disc(look.body(), 0.2 * Math.sin(angle), -0.66 - 0.2 * Math.cos(angle), 0.14);
        }
        pen.disc(look.main() == Colour.YELLOW ? WOOD : new Color(0xF6C934), 0, -0.66, 0.13);
    }

    static void mushroom(Graphics2D g, Look look) {
        Pen pen = pen(g);
        pen.blob(CREAM, -0.17, -0.5, 0.17, -0.5, 0.2, -0.12, 0.16, 0, -0.16, 0, -0.2, -0.12);
        Path2D cap = new Path2D.Double();
        cap.moveTo(-0.55, -0.42);
        cap.curveTo(-0.5, -1.18, 0.5, -1.18, 0.55, -0.42);
        cap.curveTo(0.3, -0.34, -0.3, -0.34, -0.55, -0.42);
        pen.fill(look.body(), cap);
        Pen flat = pen.flat();
        flat.oval(CREAM, -0.24, -0.68, 0.1, 0.11);
        flat.oval(CREAM, 0.14, -0.8, 0.1, 0.09);
        flat.oval(CREAM, 0.33, -0.55, 0.08, 0.08);
        flat.oval(CREAM, 0.02, -0.52, 0.08, 0.07);
    }

    static void fish(Graphics2D g, Look look) {
        Pen pen = pen(g);
        pen.blob(look.shade(-0.12), -0.3, -0.42, -0.58, -0.7, -0.52, -0.42, -0.58, -0.12);
        pen.blob(look.shade(-0.12), -0.1, -0.66, 0.08, -0.86, 0.24, -0.64);
        pen.blob(look.body(), 0.56, -0.42, 0.3, -0.68, -0.05, -0.7, -0.38, -0.42, -0.05, -0.14, 0.3, -0.16);
        pen.flat().stroke(look.shade(0.5), 0.07, new Arc2D.Double(-0.2, -0.62, 0.24, 0.4, -70, 140, Arc2D.OPEN));
        pen.blob(look.shade(-0.12), 0.02, -0.36, -0.16, -0.2, 0.06, -0.22);
        pen.disc(Color.WHITE, 0.32, -0.48, 0.085);
        pen.flat().disc(DARK, 0.34, -0.48, 0.045);
    }
}
