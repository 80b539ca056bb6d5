package dev.latente.image;

import java.util.Arrays;

/** Structural similarity of two pictures (Wang et al. 2004): Gaussian windows of 11x11 pixels with σ = 1.5. */
public final class Ssim {
    private static final int RADIUS = 5;
    private static final double SIGMA = 1.5;
    private static final double C1 = 0.01 * 255 * 0.01 * 255;
    private static final double C2 = 0.03 * 255 * 0.03 * 255;

    private Ssim() {}

    /**
     * The mean over all windows that lie wholly inside, and over the channels; 1 for equal pictures.
     *
     * @throws IllegalArgumentException if the sizes differ, or a side is shorter than a window
     */
    public static double of(Picture a, Picture b) {
        if (a.width() != b.width() || a.height() != b.height()) {
            throw new IllegalArgumentException("pictures of different sizes: [%s] and [%s]".formatted(a, b));
        }
        int side = 2 * RADIUS + 1;
        if (a.width() < side || a.height() < side) {
            throw new IllegalArgumentException("similarity: got pictures of %dx%d, wanted at least %dx%d pixels"
                    .formatted(a.width(), a.height(), side, side));
        }
        Picture x = a.channels() == b.channels() ? a : a.rgb();
        Picture y = a.channels() == b.channels() ? b : b.rgb();
        double sum = 0;
        for (int channel = 0; channel < x.channels(); channel++) {
            sum += of(values(x, channel), values(y, channel), x.width(), x.height());
        }
        return sum / x.channels();
    }

    private static double of(double[] x, double[] y, int width, int height) {
        double[] mx = means(x, width, height);
        double[] my = means(y, width, height);
        double[] xx = means(product(x, x), width, height);
        double[] yy = means(product(y, y), width, height);
        double[] xy = means(product(x, y), width, height);
        double sum = 0;
        for (int i = 0; i < mx.length; i++) {
            double vx = xx[i] - mx[i] * mx[i];
            double vy = yy[i] - my[i] * my[i];
            double cov = xy[i] - mx[i] * my[i];
            sum += (2 * mx[i] * my[i] + C1) * (2 * cov + C2) / ((mx[i] * mx[i] + my[i] * my[i] + C1) * (vx + vy + C2));
        }
        return sum / mx.length;
    }

    private static double[] values(Picture p, int channel) {
        double[] values = new double[p.width() * p.height()];
        for (int i = 0; i < values.length; i++) {
            values[i] = p.data()[i * p.channels() + channel] & 255;
        }
        return values;
    }

    private static double[] product(double[] x, double[] y) {
        double[] out = new double[x.length];
        Arrays.setAll(out, i -> x[i] * y[i]);
        return out;
    }

    /** Weighted means of the windows inside, row by row. */
    private static double[] means(double[] x, int width, int height) {
        double[] kernel = kernel();
        int w = width - 2 * RADIUS;
        int h = height - 2 * RADIUS;
        double[] rows = new double[w * height];
        for (int row = 0; row < height; row++) {
            for (int column = 0; column < w; column++) {
                double sum = 0;
                for (int k = 0; k < kernel.length; k++) {
                    sum += kernel[k] * x[row * width + column + k];
                }
                rows[row * w + column] = sum;
            }
        }
        double[] out = new double[w * h];
        for (int i = 0; i < out.length; i++) {
            double sum = 0;
            for (int k = 0; k < kernel.length; k++) {
                sum += kernel[k] * rows[i + k * w];
            }
            out[i] = sum;
        }
        return out;
    }

    private static double[] kernel() {
        double[] kernel = new double[2 * RADIUS + 1];
        Arrays.setAll(kernel, i -> Math.exp(-(i - RADIUS) * (i - RADIUS) / (2 * SIGMA * SIGMA)));
        double total = Arrays.stream(kernel).sum();
        Arrays.setAll(kernel, i -> kernel[i] / total);
        return kernel;
    }
}
