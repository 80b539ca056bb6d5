package dev.latente.mundo;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.geom.RoundRectangle2D;

/**
 * Flat forms in plain numbers, in the graphics' own frame.
 *
 * @param outline the width of the darker line around each form, 0 for none
 */
record Pen(Graphics2D g, double outline) {

    void fill(Color colour, Shape shape) {
        g.setColor(colour);
        g.fill(shape);
        if (outline > 0) {
            stroke(Look.mix(colour, -0.45), outline, shape);
        }
    }

    void stroke(Color colour, double width, Shape shape) {
        g.setColor(colour);
        g.setStroke(new BasicStroke((float) width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        g.draw(shape);
    }

    /** An ellipse about (x, y). */
    void oval(Color colour, double x, double y, double rx, double ry) {
        fill(colour, new Ellipse2D.Double(x - rx, y - ry, 2 * rx, 2 * ry));
    }

    void disc(Color colour, double x, double y, double r) {
        oval(colour, x, y, r, r);
    }

    void box(Color colour, double x, double y, double w, double h) {
        fill(colour, new Rectangle2D.Double(x, y, w, h));
    }

    /** A box whose corners have the radius r. */
    void round(Color colour, double x, double y, double w, double h, double r) {
        fill(colour, new RoundRectangle2D.Double(x, y, w, h, 2 * r, 2 * r));
    }

    /** A closed polygon through x, y, x, y... */
    void polygon(Color colour, double... xy) {
        Path2D path = path(xy);
        path.closePath();
        fill(colour, path);
    }

    /** A closed smooth form through x, y, x, y... */
    void blob(Color colour, double... xy) {
        fill(colour, smooth(xy));
    }

    /** An open line through x, y, x, y... with round ends. */
    void line(Color colour, double width, double... xy) {
        stroke(colour, width, path(xy));
    }

    /** A curve from one point to another, bent towards a third. */
    void bow(Color colour, double width, double x0, double y0, double bendX, double bendY, double x1, double y1) {
        Path2D path = path(x0, y0);
        path.quadTo(bendX, bendY, x1, y1);
        stroke(colour, width, path);
    }

    /** A box that fades from one colour above to another below. */
    void fade(Color above, Color below, double x, double y, double w, double h) {
        g.setPaint(new GradientPaint(0, (float) y, above, 0, (float) (y + h), below));
        g.fill(new Rectangle2D.Double(x, y, w, h));
    }

    /** The same pen without outlines. */
    Pen flat() {
        return new Pen(g, 0);
    }

    private static Path2D path(double... xy) {
        Path2D path = new Path2D.Double();
        path.moveTo(xy[0], xy[1]);
        for (int i = 2; i < xy.length; i += 2) {
            path.lineTo(xy[i], xy[i + 1]);
        }
        return path;
    }

    /** A closed Catmull-Rom spline. */
    private static Path2D smooth(double... xy) {
        int n = xy.length;
        Path2D path = path(xy[0], xy[1]);
        for (int i = 0; i < n; i += 2) {
            int before = (i + n - 2) % n;
            int to = (i + 2) % n;
            int after = (i + 4) % n;
            path.curveTo(
                    xy[i] + (xy[to] - xy[before]) / 6,
                    xy[i + 1] + (xy[to + 1] - xy[before + 1]) / 6,
                    xy[to] - (xy[after] - xy[i]) / 6,
                    xy[to + 1] - (xy[after + 1] - xy[i + 1]) / 6,
                    xy[to],
                    xy[to + 1]);
        }
        path.closePath();
        return path;
    }
}
