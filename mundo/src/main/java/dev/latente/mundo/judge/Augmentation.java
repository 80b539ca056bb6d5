package dev.latente.mundo.judge;

import dev.latente.image.Picture;
import java.util.random.RandomGenerator;

/**
 * What may become of a picture without changing what it shows, and what an autoencoder does to it: it is moved, mirrored, softened,
 * tinted and noisy.
 */
final class Augmentation {
    /** Largest move in pixels. */
    private static final int MOVE = 5;

    private static final double GAIN = 0.1;
    private static final double OFFSET = 0.08;
    private static final double NOISE = 0.1;

    private final int dx;
    private final int dy;
    private final boolean mirrored;
    private final double softness;
    private final double noise;
    private final double[] gain = new double[3];
    private final double[] offset = new double[3];

    /** Draws what happens to one picture. */
    Augmentation(RandomGenerator random) {
        dx = random.nextInt(-MOVE, MOVE + 1);
        dy = random.nextInt(-MOVE, MOVE + 1);
        mirrored = random.nextBoolean();
        softness = random.nextDouble();
        noise = NOISE * random.nextDouble();
        for (int c = 0; c < 3; c++) {
            gain[c] = 1 + random.nextDouble(-GAIN, GAIN);
            offset[c] = random.nextDouble(-OFFSET, OFFSET);
        }
    }

    /** Values in about [-1,1], a channel after the other, into {@code out} from {@code at}. */
    void write(Picture picture, RandomGenerator random, float[] out, int at) {
        int w = picture.width();
        int h = picture.height();
        int to = at;
        for (int c = 0; c < 3; c++) {
            for (int y = 0; y < h; y++) {
                for (int x = 0; x < w; x++) {
                    double value = soft(picture, (mirrored ? w - 1 - x : x) + dx, y + dy, c) / 127.5 - 1;
                    double noisy = value * gain[c] + offset[c] + noise * (2 * random.nextFloat() - 1);
                    out[to++] = (float) noisy;
                }
            }
        }
    }

    /** A value mixed with the mean of the nine about it; beyond the edges they are repeated. */
    private double soft(Picture p, int x, int y, int channel) {
        int sum = 0;
        for (int i = -1; i <= 1; i++) {
            for (int j = -1; j <= 1; j++) {
                sum += p.at(clamp(x + j, p.width()), clamp(y + i, p.height()), channel);
            }
        }
        int value = p.at(clamp(x, p.width()), clamp(y, p.height()), channel);
        return value + softness * (sum / 9.0 - value);
    }

    private static int clamp(int i, int size) {
        return Math.max(0, Math.min(size - 1, i));
    }
}
