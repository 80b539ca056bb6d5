package dev.latente.image;

/**
 * Resampling as Pillow does it, to the bit: two passes with an antialiasing kernel in 22-bit fixed point, rounded to 8 bits
 * after each (Pillow, {@code Resample.c}).
 */
public final class Resize {
    private static final int PRECISION = 22;

    private Resize() {}

    /** Kernels, with their support in pixels of the smaller scale. */
    public enum Filter {
        NEAREST(0),
        BOX(0.5),
        BILINEAR(1),
        HAMMING(1),
        BICUBIC(2),
        LANCZOS(3);

        private final double support;

        Filter(double support) {
            this.support = support;
        }

        double at(double x) {
            double a = Math.abs(x);
            return switch (this) {
                case NEAREST -> 1;
                case BOX -> x > -0.5 && x <= 0.5 ? 1 : 0;
                case BILINEAR -> a < 1 ? 1 - a : 0;
                case HAMMING -> a == 0 ? 1 : a >= 1 ? 0 : sinc(a) * (0.54 + 0.46 * Math.cos(Math.PI * a));
                case BICUBIC -> a < 1 ? (1.5 * a - 2.5) * a * a + 1 : a < 2 ? ((-0.5 * a + 2.5) * a - 4) * a + 2 : 0;
                case LANCZOS -> a < 3 ? sinc(a) * sinc(a / 3) : 0;
            };
        }

        private static double sinc(double x) {
            return x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
        }
    }

    /** The whole picture at another size, in pixels. */
    public static Picture to(Picture source, int width, int height, Filter filter) {
        return box(source, 0, 0, source.width(), source.height(), width, height, filter);
    }

    /** The rectangle from (x0, y0) to (x1, y1) of the source, which may be empty, at a size in pixels. */
    static Picture box(
            Picture source, double x0, double y0, double x1, double y1, int width, int height, Filter filter) {
        if (width <= 0 || height <= 0) {
            throw new IllegalArgumentException("size [%dx%d] is not positive".formatted(width, height));
        }
        if (filter == Filter.NEAREST) {
            return nearest(source, x0, y0, x1, y1, width, height);
        }
        Picture out = source;
        if (width != out.width() || x0 != 0 || x1 != out.width()) {
            out = horizontal(out, new Kernel(out.width(), x0, x1, width, filter));
        }
        if (height != out.height() || y0 != 0 || y1 != out.height()) {
            out = vertical(out, new Kernel(out.height(), y0, y1, height, filter));
        }
        return out;
    }

    private static Picture nearest(Picture source, double x0, double y0, double x1, double y1, int width, int height) {
        int c = source.channels();
        byte[] out = new byte[width * height * c];
        double stepX = (x1 - x0) / width;
        double stepY = (y1 - y0) / height;
        double y = y0 + stepY * 0.5;
        for (int row = 0; row < height; row++, y += stepY) {
            double x = x0 + stepX * 0.5;
            for (int col = 0; col < width; col++, x += stepX) {
                int from = (((int) y) * source.width() + (int) x) * c;
                System.arraycopy(source.data(), from, out, (row * width + col) * c, c);
            }
        }
        return new Picture(width, height, c, out);
    }

    private static Picture horizontal(Picture source, Kernel kernel) {
        int c = source.channels();
        int width = kernel.first.length;
        byte[] in = source.data();
        byte[] out = new byte[width * source.height() * c];
        for (int y = 0; y < source.height(); y++) {
            for (int x = 0; x < width; x++) {
                int from = (y * source.width() + kernel.first[x]) * c;
                for (int k = 0; k < c; k++) {
                    out[(y * width + x) * c + k] = sum(in, from + k, c, kernel.weights[x]);
                }
            }
        }
        return new Picture(width, source.height(), c, out);
    }

    private static Picture vertical(Picture source, Kernel kernel) {
        int stride = source.width() * source.channels();
        int height = kernel.first.length;
        byte[] in = source.data();
        byte[] out = new byte[stride * height];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < stride; x++) {
                out[y * stride + x] = sum(in, kernel.first[y] * stride + x, stride, kernel.weights[y]);
            }
        }
        return new Picture(source.width(), height, source.channels(), out);
    }

    private static byte sum(byte[] in, int from, int stride, int[] weights) {
        int total = 1 << (PRECISION - 1);
        for (int i = 0, at = from; i < weights.length; i++, at += stride) {
            total += (in[at] & 255) * weights[i];
        }
        return (byte) Math.max(0, Math.min(255, total >> PRECISION));
    }

    /** Where each output position reads, and with which fixed-point weights. */
    private static final class Kernel {
        final int[] first;
        final int[][] weights;

        Kernel(int size, double from, double to, int out, Filter filter) {
            double scale = (to - from) / out;
            double stretch = Math.max(scale, 1);
            double support = filter.support * stretch;
            first = new int[out];
            weights = new int[out][];
            for (int i = 0; i < out; i++) {
                double center = from + (i + 0.5) * scale;
                first[i] = Math.max(0, (int) (center - support + 0.5));
                double[] w = new double[Math.min(size, (int) (center + support + 0.5)) - first[i]];
                double total = 0;
                for (int j = 0; j < w.length; j++) {
                    w[j] = filter.at((first[i] + j - center + 0.5) / stretch);
                    total += w[j];
                }
                weights[i] = new int[w.length];
                for (int j = 0; j < w.length; j++) {
                    double share = total == 0 ? w[j] : w[j] / total;
                    weights[i][j] = (int) (Math.copySign(0.5, share) + share * (1 << PRECISION));
                }
            }
        }
    }
}
