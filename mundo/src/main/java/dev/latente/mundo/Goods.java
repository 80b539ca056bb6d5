package dev.latente.mundo;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;

/** The drawings of things, second half: what lies about at home. Each stands on y = 0 and is 1 high. */
final class Goods {

    private static final Color WOOD = new Color(0x7A5033);
    private static final Color PAPER = new Color(0xFDF8EC);
    private static final Color DARK = new Color(0x34343E);
    private static final Color GOLD = new Color(0xF6C934);

    private Goods() {}

    static void clock(Graphics2D g, Look look) {
        Pen pen = Toys.pen(g);
        pen.line(DARK, 0.08, -0.24, -0.14, -0.32, -0.03);
        pen.line(DARK, 0.08, 0.24, -0.14, 0.32, -0.03);
        pen.disc(look.shade(-0.15), -0.27, -0.86, 0.13);
        pen.disc(look.shade(-0.15), 0.27, -0.86, 0.13);
        pen.disc(look.body(), 0, -0.47, 0.44);
        pen.disc(PAPER, 0, -0.47, 0.33);
        for (int i = 0; i < 4; i++) {
            double angle = Math.PI * i / 2;
            pen.flat().disc(DARK, 0.26 * Math.sin(angle), -0.47 + 0.26 * Math.cos(angle), 0.03);
        }
        double turn = 0.6 + 1.6 * look.b();
        pen.line(DARK, 0.05, 0, -0.47, 0, -0.69);
        pen.line(DARK, 0.06, 0, -0.47, 0.16 * Math.sin(turn), -0.47 - 0.16 * Math.cos(turn));
    }

    static void cup(Graphics2D g, Look look) {
        Pen pen = Toys.pen(g);
        pen.stroke(look.shade(-0.45), 0.15, new Ellipse2D.Double(0.18, -0.52, 0.32, 0.34));
        pen.stroke(look.shade(-0.08), 0.1, new Ellipse2D.Double(0.18, -0.52, 0.32, 0.34));
        pen.polygon(look.body(), -0.42, -0.62, 0.34, -0.62, 0.26, 0, -0.34, 0);
        pen.oval(look.shade(0.3), -0.04, -0.62, 0.38, 0.085);
        pen.flat().oval(WOOD, -0.04, -0.61, 0.29, 0.05);
        Color steam = new Color(0xFFFFFF);
        pen.bow(steam, 0.055, -0.14, -0.74, -0.26, -0.84, -0.12, -0.97);
        pen.bow(steam, 0.055, 0.08, -0.74, -0.04, -0.84, 0.1, -0.97);
    }

    static void guitar(Graphics2D g, Look look) {
        Pen pen = Toys.pen(g);
        pen.box(WOOD, -0.055, -0.9, 0.11, 0.5);
        pen.round(Look.mix(WOOD, -0.3), -0.09, -1, 0.18, 0.15, 0.04);
        pen.blob(
                look.body(),
                0,
                -0.55,
                0.2,
                -0.52,
                0.2,
                -0.38,
                0.19,
                -0.33,
                0.32,
                -0.17,
                0.22,
                -0.01,
                0,
                0.01,
                -0.22,
                -0.01,
                -0.32,
                -0.17,
                -0.19,
                -0.33,
                -0.2,
                -0.38,
                -0.2,
                -0.52);
        pen.disc(DARK, 0, -0.32, 0.095);
        pen.line(PAPER, 0.025, -0.02, -0.88, -0.02, -0.13);
        pen.line(PAPER, 0.025, 0.03, -0.88, 0.03, -0.13);
        pen.round(DARK, -0.13, -0.15, 0.26, 0.055, 0.02);
    }

    static void cake(Graphics2D g, Look look) {
        Pen pen = Toys.pen(g);
        pen.oval(new Color(0xE9EDF2), 0, -0.05, 0.56, 0.06);
        pen.round(look.shade(-0.06), -0.45, -0.38, 0.9, 0.33, 0.06);
        pen.round(look.shade(0.12), -0.31, -0.65, 0.62, 0.3, 0.05);
        Color icing = look.main() == Colour.WHITE ? new Color(0xF29BB8) : PAPER;
        for (int i = 0; i < 5; i++) {
            pen.flat().disc(icing, -0.36 + i * 0.18, -0.35, 0.085);
        }
        for (int i = 0; i < 4; i++) {
            pen.flat().disc(icing, -0.24 + i * 0.16, -0.63, 0.075);
        }
        for (double x : new double[] {-0.17, 0, 0.17}) {
            pen.round(new Color(0x6FB4E8), x - 0.03, -0.86, 0.06, 0.2, 0.02);
            pen.flat().oval(new Color(0xFFB02E), x, -0.93, 0.04, 0.07);
        }
    }

    static void key(Graphics2D g, Look look) {
        Pen pen = Toys.pen(g);
        Color edge = look.shade(-0.45);
        for (boolean border : new boolean[] {true, false}) {
            Color colour = border ? edge : look.body();
            double more = border ? 0.048 : 0;
            pen.stroke(colour, 0.12 + more, new Ellipse2D.Double(-0.2, -0.93, 0.4, 0.4));
            pen.line(colour, 0.11 + more, 0, -0.5, 0, -0.07);
            pen.line(colour, 0.1 + more, 0, -0.1, 0.2, -0.1);
            pen.line(colour, 0.1 + more, 0, -0.28, 0.15, -0.28);
        }
    }

    static void book(Graphics2D g, Look look) {
        Pen pen = Toys.pen(g);
        pen.polygon(look.body(), -0.58, -0.74, 0, -0.66, 0.58, -0.74, 0.58, -0.1, 0, -0.02, -0.58, -0.1);
        for (int side : new int[] {-1, 1}) {
            Path2D page = new Path2D.Double();
            page.moveTo(0, -0.7);
            page.quadTo(side * 0.25, -0.92, side * 0.5, -0.78);
            page.lineTo(side * 0.5, -0.18);
            page.quadTo(side * 0.25, -0.3, 0, -0.1);
            page.closePath();
            pen.fill(PAPER, page);
            for (int row = 0; row < 3; row++) {
                double y = -0.66 + row * 0.15;
                pen.bow(new Color(0xA9B0BC), 0.035, side * 0.1, y, side * 0.25, y - 0.1, side * 0.41, y - 0.03);
            }
        }
    }

    static void hat(Graphics2D g, Look look) {
        Pen pen = Toys.pen(g);
        pen.oval(look.body(), 0, -0.12, 0.58, 0.12);
        pen.polygon(look.body(), -0.33, -0.14, -0.36, -0.82, 0.36, -0.82, 0.33, -0.14);
        pen.oval(look.shade(0.15), 0, -0.82, 0.36, 0.08);
        pen.polygon(
                look.main() == Colour.RED ? GOLD : new Color(0xD93A32),
                -0.335,
                -0.2,
                -0.342,
                -0.36,
                0.342,
                -0.36,
                0.335,
                -0.2);
    }

    static void lamp(Graphics2D g, Look look) {
        Pen pen = Toys.pen(g);
        pen.oval(WOOD, 0, -0.05, 0.26, 0.055);
        pen.blob(WOOD, -0.05, -0.46, 0.05, -0.46, 0.13, -0.26, 0.07, -0.06, -0.07, -0.06, -0.13, -0.26);
        pen.polygon(look.body(), -0.22, -1, 0.22, -1, 0.46, -0.46, -0.46, -0.46);
        pen.flat().polygon(look.shade(0.4), -0.15, -0.96, 0, -0.96, 0.02, -0.5, -0.3, -0.5);
        pen.line(DARK, 0.03, 0.26, -0.45, 0.26, -0.3);
        pen.flat().disc(DARK, 0.26, -0.28, 0.035);
    }

    static void teapot(Graphics2D g, Look look) {
        Pen pen = Toys.pen(g);
        Color edge = look.shade(-0.45);
        pen.stroke(edge, 0.14, new Ellipse2D.Double(-0.56, -0.62, 0.34, 0.4));
        pen.stroke(look.shade(-0.08), 0.09, new Ellipse2D.Double(-0.56, -0.62, 0.34, 0.4));
        pen.polygon(look.shade(-0.08), 0.2, -0.32, 0.45, -0.66, 0.6, -0.7, 0.5, -0.42, 0.24, -0.1);
        pen.blob(
                look.body(),
                0,
                -0.76,
                0.28,
                -0.64,
                0.37,
                -0.36,
                0.24,
                -0.04,
                0,
                0,
                -0.24,
                -0.04,
                -0.37,
                -0.36,
                -0.28,
                -0.64);
        pen.blob(look.shade(0.2), -0.22, -0.7, 0, -0.88, 0.22, -0.7);
        pen.disc(look.body(), 0, -0.92, 0.07);
        pen.flat().disc(PAPER, 0, -0.36, 0.1);
        for (int i = 0; i < 5; i++) {
            double angle = Math.PI * 2 * i / 5;
            pen.flat().disc(look.shade(0.65), 0.13 * Math.sin(angle), -0.36 - 0.13 * Math.cos(angle), 0.07);
        }
        pen.flat().disc(GOLD, 0, -0.36, 0.06);
    }
}
