package dev.latente.pipelines;

import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * SDXL's micro-conditioning (Podell et al. 2023, section 2.2). Sizes that are null are those of the picture.
 *
 * @param original size of the training picture before it was scaled
 * @param crop where it was cropped
 * @param target size of the picture
 * @param aestheticScore of the refiner, 1 to 10
 */
public record Micro(
        @Nullable Size original, Crop crop, @Nullable Size target, double aestheticScore) {
    public static final Micro DEFAULT = new Micro(null, new Crop(0, 0), null, 6);
    /** What the unguided half of the refiner is told by default. */
    public static final Micro NEGATIVE = new Micro(null, new Crop(0, 0), null, 2.5);

    /**
     * Where a crop begins.
     *
     * @param top in pixels
     * @param left in pixels
     */
    public record Crop(int top, int left) {}

    /** Of a picture that was neither scaled nor cropped. */
    public static Micro whole(Size size) {
        return new Micro(size, new Crop(0, 0), size, DEFAULT.aestheticScore);
    }

    /** The time ids [5 or 6]: original height and width, top and left, then target height and width or the aesthetic score. */
    public double[] timeIds(Size drawn, boolean aesthetic) {
        Size from = original == null ? drawn : original;
        Size to = target == null ? drawn : target;
        DoubleStream head = DoubleStream.of(from.height(), from.width(), crop.top, crop.left);
        DoubleStream tail = aesthetic ? DoubleStream.of(aestheticScore) : DoubleStream.of(to.height(), to.width());
        return DoubleStream.concat(head, tail).toArray();
    }
}
