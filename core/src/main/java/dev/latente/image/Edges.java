package dev.latente.image;

import java.util.ArrayDeque;
import java.util.Deque;

/** Edges as white lines on black, which ControlNets are trained with. */
public final class Edges {
    private static final int[] ACROSS = {-1, 0, 1, -2, 0, 2, -1, 0, 1};
    private static final int[] DOWN = {-1, -2, -1, 0, 0, 0, 1, 2, 1};

    /** Tangent of 22.5 degrees in 15-bit fixed point: half the angle between two of the eight neighbours. */
    private static final long TANGENT = Math.round((Math.sqrt(2) - 1) * (1 << 15));

    private static final byte WEAK = 1;
    private static final byte STRONG = 2;

    private final int width;
    private final int height;
    private final int[] dx;
    private final int[] dy;
    private final long[] magnitude;
    private final byte[] found;

    private Edges(Picture picture, boolean euclidean) {
        width = picture.width();
        height = picture.height();
        dx = new int[width * height];
        dy = new int[width * height];
        magnitude = new long[width * height];
        found = new byte[width * height];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                differentiate(picture, x, y, euclidean);
            }
        }
    }

    /** As {@link #canny(Picture, double, double, boolean)}, with |dx| + |dy| as the magnitude. */
    public static Picture canny(Picture picture, double low, double high) {
        return canny(picture, low, high, false);
    }

    /**
     * Finds edges (Canny 1986) as OpenCV does, with the Sobel operator of size 3; of a colour picture, each pixel counts with
     * its channel of the largest gradient. ControlNet was trained with the thresholds 100 and 200.
     *
     * @param low magnitude of the gradient from which an edge goes on
     * @param high magnitude of the gradient from which an edge begins
     * @param euclidean whether the magnitude is √(dx² + dy²) and not |dx| + |dy|
     * @return gray, of the same size, 255 on edges and 0 elsewhere
     */
    public static Picture canny(Picture picture, double low, double high, boolean euclidean) {
        if (!(low >= 0 && low <= high)) {
            throw new IllegalArgumentException(
                    "canny: got the thresholds [%s, %s], wanted two ascending numbers".formatted(low, high));
        }
        Edges edges = new Edges(picture, euclidean);
        double power = euclidean ? 2 : 1;
        edges.thin((long) Math.floor(Math.pow(low, power)), (long) Math.floor(Math.pow(high, power)));
        edges.follow();
        byte[] out = new byte[edges.found.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = (byte) (edges.found[i] == STRONG ? 255 : 0);
        }
        return new Picture(edges.width, edges.height, 1, out);
    }

    /** Gradient at a pixel; the picture goes on beyond its border as it is there. */
    private void differentiate(Picture p, int x, int y, boolean euclidean) {
        int at = y * width + x;
        magnitude[at] = -1;
        for (int channel = 0; channel < p.channels(); channel++) {
            int gx = 0;
            int gy = 0;
            for (int i = 0; i < 9; i++) {
                int column = Math.min(Math.max(x + i % 3 - 1, 0), width - 1);
                int row = Math.min(Math.max(y + i / 3 - 1, 0), height - 1);
                int value = p.at(column, row, channel);
                gx += ACROSS[i] * value;
                gy += DOWN[i] * value;
            }
            long m = euclidean ? (long) gx * gx + (long) gy * gy : Math.abs(gx) + Math.abs(gy);
            if (m > magnitude[at]) {
                magnitude[at] = m;
                dx[at] = gx;
                dy[at] = gy;
            }
        }
    }

    /** Leaves, across each edge, only the pixel of the largest gradient. */
    private void thin(long low, long high) {
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int at = y * width + x;
                if (magnitude[at] > low && isPeak(x, y)) {
                    found[at] = magnitude[at] > high ? STRONG : WEAK;
                }
            }
        }
    }

    /** Of two equal neighbours the left, or upper, one is the peak. */
    private boolean isPeak(int x, int y) {
        int at = y * width + x;
        long m = magnitude[at];
        long across = Math.abs(dx[at]);
        long down = (long) Math.abs(dy[at]) << 15;
        long flat = across * TANGENT;
        if (down < flat) {
            return m > magnitude(x - 1, y) && m >= magnitude(x + 1, y);
        }
        // tan 67.5° = tan 22.5° + 2
        if (down > flat + (across << 16)) {
            return m > magnitude(x, y - 1) && m >= magnitude(x, y + 1);
        }
        int s = (dx[at] ^ dy[at]) < 0 ? -1 : 1;
        return m > magnitude(x - s, y - 1) && m > magnitude(x + s, y + 1);
    }

    private long magnitude(int x, int y) {
        return x < 0 || y < 0 || x >= width || y >= height ? 0 : magnitude[y * width + x];
    }

    /** Makes strong what is weak and hangs together with what is strong. */
    private void follow() {
        Deque<Integer> open = new ArrayDeque<>();
        for (int i = 0; i < found.length; i++) {
            if (found[i] == STRONG) {
                open.push(i);
            }
        }
        while (!open.isEmpty()) {
            int at = open.pop();
            for (int i = 0; i < 9; i++) {
                int x = at % width + i % 3 - 1;
                int y = at / width + i / 3 - 1;
                if (x >= 0 && y >= 0 && x < width && y < height && found[y * width + x] == WEAK) {
                    found[y * width + x] = STRONG;
                    open.push(y * width + x);
                }
            }
        }
    }
}
