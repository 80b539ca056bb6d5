package dev.latente.mundo.evaluation;

import dev.latente.image.Picture;
import dev.latente.image.Resize;
import dev.latente.mundo.Painter;
import dev.latente.mundo.World;
import java.util.List;
import java.util.stream.IntStream;

/** Pictures of training, small, to see whether others are copies of them. */
public final class TrainingPictures {
    private static final int SIDE = 16;

    private final long first;
    private final List<byte[]> small;

    /** Paints those of the seeds {@code first}, {@code first + 1}, …, as {@link dev.latente.mundo.MundoDataset} does. */
    public TrainingPictures(long first, int count) {
        this.first = first;
        small = IntStream.range(0, count)
                .parallel()
                .mapToObj(i -> small(picture(first + i)))
                .toList();
    }

    /**
     * A training picture.
     *
     * @param seed that it is painted from
     * @param distance root of the mean squared difference at 16x16 pixels, in levels of 0 to 255
     */
    public record Neighbour(long seed, double distance) {
        public Picture picture() {
            return TrainingPictures.picture(seed);
        }
    }

    /** The nearest one of each picture. */
    public List<Neighbour> nearest(List<Picture> pictures) {
        if (small.isEmpty()) {
            return List.of();
        }
        return pictures.stream().parallel().map(p -> nearest(small(p))).toList();
    }

    private Neighbour nearest(byte[] picture) {
        int best = 0;
        long least = Long.MAX_VALUE;
        for (int i = 0; i < small.size(); i++) {
            long sum = squares(picture, small.get(i), least);
            if (sum < least) {
                least = sum;
                best = i;
            }
        }
        return new Neighbour(first + best, Math.sqrt((double) least / picture.length));
    }

    /** The sum of squared differences, or as much of it as exceeds the limit. */
    private static long squares(byte[] a, byte[] b, long limit) {
        long sum = 0;
        for (int i = 0; i < a.length && sum < limit; i++) {
            int d = (a[i] & 255) - (b[i] & 255);
            sum += (long) d * d;
        }
        return sum;
    }

    private static byte[] small(Picture picture) {
        return Resize.to(picture.rgb(), SIDE, SIDE, Resize.Filter.BOX).data();
    }

    private static Picture picture(long seed) {
        return Picture.of(Painter.paint(World.scene(seed), seed));
    }
}
