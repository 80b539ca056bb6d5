package dev.latente.training.data.filter;

import dev.latente.image.Picture;
import dev.latente.image.Resize;
import java.util.Arrays;

/**
 * What a picture looks like, in 64 bits: the signs of its 8x8 lowest frequencies around their median (Zauner 2010,
 * "Implementation and Benchmarking of Perceptual Image Hash Functions", section 3.2.1), and its mean colour, as flat pictures
 * have no frequencies. Copies that were scaled or compressed again differ in a few bits.
 *
 * @param bits row by row, the lowest frequency first, in the highest bit
 * @param colour mean red, green and blue, 0xRRGGBB
 */
public record PerceptualHash(long bits, int colour) {
    private static final int SIDE = 32;
    private static final int LOW = 8;

    public static PerceptualHash of(Picture picture) {
        Picture small = Resize.to(picture.rgb(), SIDE, SIDE, Resize.Filter.LANCZOS);
        double[] frequencies = lowFrequencies(small.gray());
        double[] sorted = frequencies.clone();
        Arrays.sort(sorted);
        double median = (sorted[LOW * LOW / 2 - 1] + sorted[LOW * LOW / 2]) / 2;
        long bits = 0;
        for (double f : frequencies) {
            // Rounding alone must not set bits of a flat picture.
            bits = bits << 1 | (f > median + 1e-6 ? 1 : 0);
        }
        return new PerceptualHash(bits, mean(small));
    }

    /** Number of bits that differ, 0 to 64. */
    public int distance(PerceptualHash other) {
        return Long.bitCount(bits ^ other.bits);
    }

    /** Largest difference of the mean colours in a channel, 0 to 255. */
    public int colourDistance(PerceptualHash other) {
        int most = 0;
        for (int shift = 0; shift <= 16; shift += 8) {
            most = Math.max(most, Math.abs((colour >> shift & 255) - (other.colour >> shift & 255)));
        }
        return most;
    }

    /** The cosine transform (type II, not normalised), its first 8 rows and columns. */
    private static double[] lowFrequencies(Picture gray) {
        double[][] cosines = new double[LOW][SIDE];
        for (int u = 0; u < LOW; u++) {
            for (int x = 0; x < SIDE; x++) {
                cosines[u][x] = Math.cos(Math.PI * u * (2 * x + 1) / (2 * SIDE));
            }
        }
        double[][] rows = new double[SIDE][LOW];
        double[] out = new double[LOW * LOW];
        for (int y = 0; y < SIDE; y++) {
            for (int u = 0; u < LOW; u++) {
                for (int x = 0; x < SIDE; x++) {
                    rows[y][u] += cosines[u][x] * gray.at(x, y, 0);
                }
            }
        }
        for (int v = 0; v < LOW; v++) {
            for (int u = 0; u < LOW; u++) {
                for (int y = 0; y < SIDE; y++) {
                    out[v * LOW + u] += cosines[v][y] * rows[y][u];
                }
            }
        }
        return out;
    }

    private static int mean(Picture rgb) {
        int colour = 0;
        for (int channel = 0; channel < 3; channel++) {
            int sum = 0;
            for (int i = channel; i < rgb.data().length; i += 3) {
                sum += rgb.data()[i] & 255;
            }
            colour = colour << 8 | sum / (SIDE * SIDE);
        }
        return colour;
    }
}
