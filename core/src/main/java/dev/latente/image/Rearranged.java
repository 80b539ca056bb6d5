package dev.latente.image;

import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Pictures that keep a part of what they show: their coarse colours, their textures, their regions. */
public final class Rearranged {
    /**
     * Colours of the 150 classes of ADE20K (Zhou et al. 2017) that networks for segmented pictures are trained with, in
     * hexadecimal; a wall is the first.
     */
    private static final String ADE20K = """
            787878 b47878 06e6e6 503232 04c803 787850 8c8c8c cc05ff e6e6e6 04fa07 e005ff ebff07 96053d 787846 08ff33
            ff0652 8fff8c ccff04 ff3307 cc4603 0066c8 3de6fa ff0633 0b66ff ff0747 ff09e0 0907e6 dcdcdc ff095c 7009ff
            08ffd6 07ffe0 ffb806 0aff47 ff290a 07ffff e0ff08 6608ff ff3d06 ffc207 ff7a08 00ff14 ff0829 ff0599 0633ff
            eb0cff a09614 00a3ff 8c8c8c fa0a0f 14ff00 1fff00 ff1f00 ffe000 99ff00 0000ff ff4700 00ebff 00adff 1f00ff
            0bc8c8 ff5200 00fff5 003dff 00ff70 00ff85 ff0000 ffa300 ff6600 c2ff00 008fff 33ff00 0052ff 00ff29 00ffad
            0a00ff adff00 00ff99 ff5c00 ff00ff ff00f5 ff0066 ffad00 ff0014 ffb8b8 001fff 00ff3d 0047ff ff00cc 00ffc2
            00ff52 000aff 0070ff 3300ff 00c2ff 007aff 00ffa3 ff9900 00ff0a ff7000 8fff00 5200ff a3ff00 ffeb00 08b8aa
            8500ff 00ff5c b800ff ff001f 00b8ff 00d6ff ff0070 5cff00 00e0ff 70e0ff 46b8a0 a300ff 9900ff 47ff00 ff00a3
            ffcc00 ff008f 00ffeb 85ff00 ff00eb f500ff ff007a fff500 0abed4 d6ff00 00ccff 1400ff ffff00 0099ff 0029ff
            00ffcc 2900ff 29ff00 ad00ff 00f5ff 4700ff 7a00ff 00ffb8 005cff b8ff00 0085ff ffd600 19c2c2 66ff00 5c00ff
            """;

    private Rearranged() {}

    /**
     * Coarse colours, from which a network for tiles draws details: shrunk and enlarged.
     *
     * @param factor by which it is shrunk
     * @return of the same size
     */
    public static Picture tile(Picture picture, int factor) {
        if (factor < 1 || factor > 256) {
            throw new IllegalArgumentException("tile: got the factor [%d], wanted 1 to 256".formatted(factor));
        }
        int width = Math.max(1, picture.width() / factor);
        int height = Math.max(1, picture.height() / factor);
        Picture small = Resize.to(picture.rgb(), width, height, Resize.Filter.BOX);
        return Resize.to(small, picture.width(), picture.height(), Resize.Filter.BICUBIC);
    }

    /**
     * Textures without their places: each pixel is taken from where two fields of smooth noise, one for each coordinate, say
     * (Zhang et al. 2023, content shuffle).
     *
     * @param scale of the noise in pixels; 256 for pictures of 512
     */
    public static Picture shuffled(Picture picture, long seed, int scale) {
        if (scale < 1 || scale > 4096) {
            throw new IllegalArgumentException("shuffle: got the scale [%d], wanted 1 to 4096".formatted(scale));
        }
        Picture p = picture.rgb();
        try (Rng rng = new Rng(seed)) {
            float[] xs = noise(rng, p, scale);
            float[] ys = noise(rng, p, scale);
            byte[] out = new byte[p.data().length];
            for (int i = 0; i < xs.length; i++) {
                for (int c = 0; c < 3; c++) {
                    out[3 * i + c] =
                            (byte) Math.round(between(p, xs[i] * (p.width() - 1), ys[i] * (p.height() - 1), c));
                }
            }
            return new Picture(p.width(), p.height(), 3, out);
        }
    }

    /** Smooth noise from 0 to 1, a value for each pixel. */
    private static float[] noise(Rng rng, Picture p, int scale) {
        return Scopes.within(() -> {
                    Tensor coarse = rng.uniform(1, 1, p.height() / scale + 2, p.width() / scale + 2);
                    Tensor fine = Functional.resize(coarse, "bicubic", p.height() + 2L * scale, p.width() + 2L * scale)
                            .narrow(2, scale, p.height())
                            .narrow(3, scale, p.width());
                    Tensor above = fine.sub(fine.min());
                    return List.of(Ops.floats(Ops.div(above, Math.max(1e-12, Ops.doubles(above.max())[0]))));
                })
                .get(0);
    }

    /** Bilinear. */
    private static float between(Picture p, float x, float y, int c) {
        int x0 = Math.min((int) x, Math.max(0, p.width() - 2));
        int y0 = Math.min((int) y, Math.max(0, p.height() - 2));
        int x1 = Math.min(x0 + 1, p.width() - 1);
        int y1 = Math.min(y0 + 1, p.height() - 1);
        float across = x - x0;
        float down = y - y0;
        float above = p.at(x0, y0, c) * (1 - across) + p.at(x1, y0, c) * across;
        float below = p.at(x0, y1, c) * (1 - across) + p.at(x1, y1, c) * across;
        return above * (1 - down) + below * down;
    }

    /**
     * The colours of regions that networks for segmented pictures know.
     *
     * @param classes gray, a class of ADE20K for each pixel: 0 for a wall to 149 for a flag; others become black
     * @return in colour, of the same size
     */
    public static Picture segments(Picture classes) {
        if (classes.channels() != 1) {
            throw new IllegalArgumentException(
                    "segments: got a picture in colour, wanted a gray one whose values are classes of ADE20K, 0 to 149");
        }
        int[] palette = Arrays.stream(ADE20K.strip().split("\\s+", -1))
                .mapToInt(hex -> Integer.parseInt(hex, 16))
                .toArray();
        byte[] out = new byte[3 * classes.data().length];
        for (int i = 0; i < classes.data().length; i++) {
            int value = classes.data()[i] & 255;
            int colour = value < palette.length ? palette[value] : 0;
            out[3 * i] = (byte) (colour >> 16);
            out[3 * i + 1] = (byte) (colour >> 8);
            out[3 * i + 2] = (byte) colour;
        }
        return new Picture(classes.width(), classes.height(), 3, out);
    }
}
