package dev.latente.mundo.judge;

import dev.latente.mundo.ShapeKind;
import java.util.Arrays;

/** Measures of a mask that is not empty, in pixels. */
final class Geometry {
    private static final double STAR = 0.82;
    private static final double SQUARE = 0.9;
    private static final double ROUND = 0.66;

    private final Mask mask;
    private final int left;
    private final int right;
    private final int top;
    private final int bottom;

    Geometry(Mask mask) {
        this.mask = mask;
        int side = mask.side();
        left = mask.pixels().map(i -> i % side).min().orElseThrow();
        right = mask.pixels().map(i -> i % side).max().orElseThrow() + 1;
        top = mask.pixels().min().orElseThrow() / side;
        bottom = mask.pixels().max().orElseThrow() / side + 1;
    }

    /** The longer side of its bounds. */
    int extent() {
        return Math.max(right - left, bottom - top);
    }

    /** Centre of mass. */
    double x() {
        return mask.pixels().mapToDouble(i -> i % mask.side() + 0.5).average().orElseThrow();
    }

    /** Centre of mass. */
    double y() {
        return mask.pixels()
                .mapToDouble(i -> Math.floorDiv(i, mask.side()) + 0.5)
                .average()
                .orElseThrow();
    }

    /** What shape it is: by its convexity, by how it fills its bounds, and by how much heavier it is below than above. */
    ShapeKind kind() {
        double height = bottom - top;
        double fill = mask.area() / ((right - left) * height);
        double sag = (y() - (top + bottom) / 2.0) / height;
        if (mask.area() / hull() < STAR) {
            return ShapeKind.STAR;
        }
        if (fill > SQUARE) {
            return ShapeKind.SQUARE;
        }
        if (fill < ROUND) {
            return sag > 0.07 ? ShapeKind.TRIANGLE : ShapeKind.DIAMOND;
        }
        return sag < -0.025 ? ShapeKind.HEART : ShapeKind.CIRCLE;
    }

    /** Area of the convex hull. */
    double hull() {
        double[] toRight = new double[bottom - top];
        double[] toLeft = new double[bottom - top];
        Arrays.fill(toRight, Double.NEGATIVE_INFINITY);
        Arrays.fill(toLeft, Double.NEGATIVE_INFINITY);
        mask.pixels().forEach(i -> {
            int x = i % mask.side();
            int row = i / mask.side() - top;
            toRight[row] = Math.max(toRight[row], x + 1);
            toLeft[row] = Math.max(toLeft[row], -x);
        });
        return concave(toRight) + concave(toLeft);
    }

    /** Sum over the least concave function that is nowhere below f. */
    private static double concave(double[] f) {
        double sum = 0;
        for (int k = 0; k < f.length; k++) {
            double highest = f[k];
            for (int i = 0; i < k; i++) {
                for (int j = k + 1; j < f.length; j++) {
                    highest = Math.max(highest, f[i] + (f[j] - f[i]) * (k - i) / (j - i));
                }
            }
            sum += highest;
        }
        return sum;
    }
}
