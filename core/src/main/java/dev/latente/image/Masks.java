package dev.latente.image;

/** What inpainting does to masks; white is repainted. */
public final class Masks {
    private Masks() {}

    /**
     * A rectangle.
     *
     * @param x left edge, in pixels
     * @param y top edge, in pixels
     * @param width in pixels
     * @param height in pixels
     */
    public record Region(int x, int y, int width, int height) {
        /** The same of a picture that is larger by a factor. */
        public Region times(int factor) {
            return new Region(x * factor, y * factor, width * factor, height * factor);
        }

        /** The same of a picture that is smaller by a factor; what is there in part belongs to it. */
        public Region dividedBy(int factor) {
            return new Region(x / factor, y / factor, -Math.floorDiv(-width, factor), -Math.floorDiv(-height, factor));
        }
    }

    /**
     * The part of the picture that holds everything masked, with padding, grown to the aspect ratio of the size that it
     * will be drawn at.
     *
     * @throws IllegalArgumentException if nothing is masked
     */
    public static Region region(Picture mask, int width, int height, int padding) {
        Picture gray = mask.gray();
        int w = gray.width();
        int h = gray.height();
        int x1 = w;
        int y1 = h;
        int x2 = 0;
        int y2 = 0;
        for (int y = 0; y < h; y++) {
            for (int x = 0; x < w; x++) {
                if (gray.at(x, y, 0) != 0) {
                    x1 = Math.min(x1, x);
                    y1 = Math.min(y1, y);
                    x2 = Math.max(x2, x + 1);
                    y2 = Math.max(y2, y + 1);
                }
            }
        }
        if (x2 == 0) {
            throw new IllegalArgumentException(
                    "the mask is all black: nothing would be repainted, paint some of it white");
        }
        x1 = Math.max(x1 - padding, 0);
        y1 = Math.max(y1 - padding, 0);
        x2 = Math.min(x2 + padding, w);
        y2 = Math.min(y2 + padding, h);
        double wanted = (double) width / height;
        if ((double) (x2 - x1) / (y2 - y1) > wanted) {
            int[] ends = grow(y1, y2, (int) ((x2 - x1) / wanted - (y2 - y1)), h);
            return new Region(x1, ends[0], x2 - x1, ends[1] - ends[0]);
        }
        int[] ends = grow(x1, x2, (int) ((y2 - y1) * wanted - (x2 - x1)), w);
        return new Region(ends[0], y1, ends[1] - ends[0], y2 - y1);
    }

    /** Grows [from, to) by {@code by} on both sides, shifted and cut to lie in [0, size). */
    private static int[] grow(int from, int to, int by, int size) {
        int a = from - Math.floorDiv(by, 2);
        int b = to + by - Math.floorDiv(by, 2);
        if (b >= size) {
            a -= b - size;
            b = size;
        }
        if (a < 0) {
            b -= a;
            a = 0;
        }
        return new int[] {a, Math.min(b, size)};
    }

    /** Gaussian blur as Pillow does it: three box blurs of a fractional radius (Pillow, {@code BoxBlur.c}). */
    public static Picture blur(Picture mask, double radius) {
        Picture gray = mask.gray();
        if (radius <= 0) {
            return gray;
        }
        double variance = radius * radius / 3;
        double whole = Math.floor((Math.sqrt(12 * variance + 1) - 1) / 2);
        double part =
                (2 * whole + 1) * (whole * (whole + 1) - 3 * variance) / (6 * (variance - (whole + 1) * (whole + 1)));
        double box = whole + part;
        byte[] data = gray.data().clone();
        for (int pass = 0; pass < 3; pass++) {
            data = boxBlur(data, gray.width(), gray.height(), box, true);
        }
        for (int pass = 0; pass < 3; pass++) {
            data = boxBlur(data, gray.width(), gray.height(), box, false);
        }
        return new Picture(gray.width(), gray.height(), 1, data);
    }

    private static byte[] boxBlur(byte[] in, int width, int height, double box, boolean rows) {
        int radius = (int) box;
        long inner = (long) ((1 << 24) / (box * 2 + 1));
        long outer = ((1 << 24) - (radius * 2L + 1) * inner) / 2;
        int length = rows ? width : height;
        int step = rows ? 1 : width;
        int last = length - 1;
        byte[] out = new byte[in.length];
        for (int line = 0; line < (rows ? height : width); line++) {
            int base = rows ? line * width : line;
            long sum = 0;
            for (int k = -radius - 1; k < radius; k++) {
                sum += in[base + Math.max(0, Math.min(last, k)) * step] & 255;
            }
            for (int i = 0; i < length; i++) {
                int leaving = in[base + Math.max(0, i - radius - 1) * step] & 255;
                sum += (in[base + Math.min(last, i + radius) * step] & 255) - leaving;
                int next = in[base + Math.min(last, i + radius + 1) * step] & 255;
                out[base + i * step] = (byte) ((sum * inner + (leaving + next) * outer + (1 << 23)) >> 24);
            }
        }
        return out;
    }

    /** The original where the mask is black, the painted picture where it is white, a blend between. */
    public static Picture overlay(Picture original, Picture mask, Picture painted) {
        Picture base = original.rgb();
        Picture top = painted.rgb();
        Picture gray = mask.gray();
        byte[] out = new byte[base.data().length];
        for (int i = 0; i < out.length; i++) {
            int m = gray.data()[i / 3] & 255;
            out[i] = (byte) (((top.data()[i] & 255) * m + (base.data()[i] & 255) * (255 - m) + 127) / 255);
        }
        return new Picture(base.width(), base.height(), 3, out);
    }
}
