package dev.latente.image;

import java.util.Arrays;

/**
 * A gray picture of numbers, for filters that 8 bits are too coarse for.
 *
 * @param data rows from the top
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Gray(int width, int height, float[] data) {
    /** Luma in [0,1]. */
    static Gray of(Picture picture) {
        byte[] bytes = picture.gray().data();
        float[] data = new float[bytes.length];
        for (int i = 0; i < data.length; i++) {
            data[i] = (bytes[i] & 255) / 255f;
        }
        return new Gray(picture.width(), picture.height(), data);
    }

    /** The value at a position; beyond the border it goes on as a mirror shows it, without the pixel on the border twice. */
    float at(int x, int y) {
        return data[mirrored(y, height) * width + mirrored(x, width)];
    }

    private static int mirrored(int i, int size) {
        if (size == 1) {
            return 0;
        }
        int period = 2 * size - 2;
        int j = Math.floorMod(i, period);
        return Math.min(j, period - j);
    }

    /** Gaussian blur. */
    Gray blurred(double sigma) {
        int radius = Math.max(1, (int) Math.ceil(4 * sigma));
        float[] kernel = new float[2 * radius + 1];
        float sum = 0;
        for (int i = -radius; i <= radius; i++) {
            kernel[i + radius] = (float) Math.exp(-i * i / (2 * sigma * sigma));
            sum += kernel[i + radius];
        }
        for (int i = 0; i < kernel.length; i++) {
            kernel[i] /= sum;
        }
        return along(kernel, 1, 0).along(kernel, 0, 1);
    }

    private Gray along(float[] kernel, int dx, int dy) {
        int radius = kernel.length / 2;
        return make((x, y) -> {
            float value = 0;
            for (int i = -radius; i <= radius; i++) {
                value += kernel[i + radius] * at(x + i * dx, y + i * dy);
            }
            return value;
        });
    }

    /** What makes a value. */
    @FunctionalInterface
    interface Maker {
        float at(int x, int y);
    }

    /** A picture of the same size. */
    Gray make(Maker maker) {
        float[] out = new float[data.length];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                out[y * width + x] = maker.at(x, y);
            }
        }
        return new Gray(width, height, out);
    }

    /** The value below which this share of all values lies. */
    float quantile(double share) {
        float[] sorted = data.clone();
        Arrays.sort(sorted);
        return sorted[(int) Math.round(share * (sorted.length - 1))];
    }

    /** 8 bits: 0 for 0 and below, 255 for 1 and above. */
    Picture toPicture() {
        byte[] out = new byte[data.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = (byte) Math.round(255 * Math.min(1, Math.max(0, data[i])));
        }
        return new Picture(width, height, 1, out);
    }
}
