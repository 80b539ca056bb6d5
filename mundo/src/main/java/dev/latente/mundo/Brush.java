package dev.latente.mundo;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.geom.RoundRectangle2D;

/** Paints the forms that figures are made of; all lengths are in hundredths of the figure's unit. */
final class Brush {
    private static final double SHEEN = 0.1;
    private static final double OUTLINE = -0.62;

    private final Graphics2D g;
    private final Look look;
    private final BasicStroke outline;

    /** A brush whose outlines reach {@code outline} beyond the forms. */
    Brush(Graphics2D g, Look look, double outline) {
        this.g = (Graphics2D) g.create();
        this.g.scale(0.01, 0.01);
        this.g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        this.g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        this.look = look;
        this.outline = round(2 * outline);
    }

    /** This brush's graphics with its origin moved. */
    void move(double x, double y) {
        g.translate(x, y);
    }

    /** The main colour of the look. */
    Color main() {
        return look.body();
    }

    /** The main colour, lighter or darker. */
    Color shade(double light) {
        return look.shade(light);
    }

    /** A length that depends on the look's proportions. */
    double build(double low, double high) {
        return low + look.a() * (high - low);
    }

    /** A length that depends on the look's posture. */
    double swing(double low, double high) {
        return low + look.b() * (high - low);
    }

    /** Fills the union of the shapes, lit softly from above, within one dark outline of the same hue. */
    void form(Color colour, Shape... shapes) {
        g.setStroke(outline);
        g.setColor(Look.mix(colour, OUTLINE));
        for (Shape shape : shapes) {
            g.draw(shape);
        }
        Rectangle2D bounds = shapes[0].getBounds2D();
        for (Shape shape : shapes) {
            bounds.add(shape.getBounds2D());
        }
        g.setPaint(new GradientPaint(
                0,
                (float) bounds.getMinY(),
                Look.mix(colour, SHEEN),
                0,
                (float) bounds.getMaxY(),
                Look.mix(colour, -SHEEN)));
        fill(shapes);
    }

    /** Fills the shapes evenly, without an outline. */
    void flat(Color colour, Shape... shapes) {
        g.setColor(colour);
        fill(shapes);
    }

    private void fill(Shape... shapes) {
        for (Shape shape : shapes) {
            g.fill(shape);
        }
    }

    static Shape oval(double x, double y, double radiusX, double radiusY) {
        return new Ellipse2D.Double(x - radiusX, y - radiusY, 2 * radiusX, 2 * radiusY);
    }

    /** An oval turned clockwise by the angle in degrees. */
    static Shape oval(double x, double y, double radiusX, double radiusY, double angle) {
        return AffineTransform.getRotateInstance(Math.toRadians(angle), x, y)
                .createTransformedShape(oval(x, y, radiusX, radiusY));
    }

    static Shape box(double x, double y, double width, double height, double rounding) {
        return new RoundRectangle2D.Double(x, y, width, height, rounding, rounding);
    }

    static Shape polygon(double... xy) {
        Path2D path = new Path2D.Double();
        path.moveTo(xy[0], xy[1]);
        for (int i = 2; i < xy.length; i += 2) {
            path.lineTo(xy[i], xy[i + 1]);
        }
        path.closePath();
        return path;
    }

    /** The smooth closed curve through the points (Catmull-Rom). */
    static Shape blob(double... xy) {
        return curve(true, xy);
    }

    /** A rounded band of the width along the smooth curve through the points. */
    static Shape limb(double width, double... xy) {
        Path2D band = new Path2D.Double();
        // Flat, because the outline of an outline of a curve can have spikes across the whole picture.
        band.append(round(width).createStrokedShape(curve(false, xy)).getPathIterator(null, 0.05), false);
        return band;
    }

    /** A star with the number of points, one of them up. */
    static Shape star(double x, double y, double radius, int points) {
        double[] xy = new double[4 * points];
        for (int i = 0; i < 2 * points; i++) {
            double reach = i % 2 == 0 ? radius : 0.48 * radius;
            double angle = Math.PI * i / points;
            xy[2 * i] = x + (reach * Math.sin(angle));
            xy[2 * i + 1] = y - (reach * Math.cos(angle));
        }
        return polygon(xy);
    }

    private static BasicStroke round(double width) {
        return new BasicStroke((float) width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
    }

    private static Path2D curve(boolean closed, double... xy) {
        int n = xy.length / 2;
        Path2D path = new Path2D.Double();
        path.moveTo(xy[0], xy[1]);
        for (int i = 0; i < (closed ? n : n - 1); i++) {
            int before = closed ? Math.floorMod(i - 1, n) : Math.max(i - 1, 0);
            int to = (i + 1) % n;
            int after = closed ? (i + 2) % n : Math.min(i + 2, n - 1);
            path.curveTo(
                    xy[2 * i] + ((xy[2 * to] - xy[2 * before]) / 6),
                    xy[2 * i + 1] + ((xy[2 * to + 1] - xy[2 * before + 1]) / 6),
                    xy[2 * to] - ((xy[2 * after] - xy[2 * i]) / 6),
                    xy[2 * to + 1] - ((xy[2 * after + 1] - xy[2 * i + 1]) / 6),
                    xy[2 * to],
                    xy[2 * to + 1]);
        }
        if (closed) {
            path.closePath();
        }
        return path;
    }
}
