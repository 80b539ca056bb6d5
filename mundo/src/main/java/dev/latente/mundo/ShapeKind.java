package dev.latente.mundo;

import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;

/** A plane figure that a caption names. */
public enum ShapeKind {
    CIRCLE,
    SQUARE,
    TRIANGLE,
    STAR,
    HEART,
    DIAMOND;

    /** The outline about (x, y), as wide or as high as {@code size}. */
    Shape shape(double x, double y, double size) {
        double r = size / 2;
        return switch (this) {
            case CIRCLE -> new Ellipse2D.Double(x - r, y - r, size, size);
            case SQUARE -> new Rectangle2D.Double(x - 0.92 * r, y - 0.92 * r, 1.84 * r, 1.84 * r);
            case TRIANGLE -> ring(3, 1.15, 1.15, x, y + 0.18 * r, r);
            case STAR -> ring(10, 1.12, 0.54, x, y + 0.08 * r, r);
            case HEART -> heart(x, y, r);
            case DIAMOND -> ring(4, 1.08, 0.78, x, y, r);
        };
    }

    /** A polygon whose corners lie at two distances from (x, y) in turn, the first straight above. */
    private static Path2D ring(int corners, double even, double odd, double x, double y, double r) {
        Path2D path = new Path2D.Double();
        for (int i = 0; i < corners; i++) {
            double angle = 2 * Math.PI * i / corners;
            double radius = r * (i % 2 == 0 ? even : odd);
            double toX = x + radius * Math.sin(angle);
            double toY = y - radius * Math.cos(angle);
            if (i == 0) {
                path.moveTo(toX, toY);
            } else {
                path.lineTo(toX, toY);
            }
        }
        path.closePath();
        return path;
    }

    private static Path2D heart(double x, double y, double r) {
        Path2D path = new Path2D.Double();
        path.moveTo(x, y + r * 0.95);
        path.curveTo(x - r * 0.6, y + r * 0.45, x - r * 1.1, y + r * 0.1, x - r * 1.05, y - r * 0.35);
        path.curveTo(x - r, y - r * 1.05, x - r * 0.15, y - r * 1.1, x, y - r * 0.45);
        path.curveTo(x + r * 0.15, y - r * 1.1, x + r, y - r * 1.05, x + r * 1.05, y - r * 0.35);
        path.curveTo(x + r * 1.1, y + r * 0.1, x + r * 0.6, y + r * 0.45, x, y + r * 0.95);
        path.closePath();
        return path;
    }
}
