package dev.latente.training.data;

import dev.latente.pipelines.Size;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * Sizes of about one area and many aspect ratios: each picture is trained at the one nearest to its own shape (NovelAI 2022,
 * "Improvements on Stable Diffusion", aspect ratio bucketing; SDXL, Podell et al. 2023, section 2.3 and appendix I).
 *
 * @param sizes in pixels, from the tallest to the widest
 */
public record Buckets(List<Size> sizes) {
    public Buckets {
        if (sizes.isEmpty()) {
            throw new IllegalArgumentException("buckets: got no sizes, wanted at least one");
        }
        sizes = List.copyOf(sizes);
    }

    /** Every picture at one size. */
    public static Buckets only(Size size) {
        return new Buckets(List.of(size));
    }

    /**
     * For every width the largest height that stays within the area, and the other way around.
     *
     * @param area the size whose area is not exceeded
     * @param multiple what sides are multiples of, in pixels: 64 as a rule
     * @param maxRatio longest side over shortest
     */
    public static Buckets of(Size area, int multiple, double maxRatio) {
        long pixels = (long) area.width() * area.height();
        if (multiple < 1 || (long) multiple * multiple > pixels || maxRatio < 1) {
            throw new IllegalArgumentException(
                    "buckets: got multiple [%d] and ratio [%s] for [%s], wanted a multiple that fits and a ratio of 1 or more"
                            .formatted(multiple, maxRatio, area));
        }
        TreeSet<Size> sizes = new TreeSet<>(Comparator.comparingDouble(Buckets::ratio)
                .thenComparingInt(Size::width)
                .thenComparingInt(Size::height));
        for (int side = multiple; (double) side * side <= pixels * maxRatio; side += multiple) {
            int other = (int) (pixels / side / multiple) * multiple;
            if (other > 0 && Math.max(side, other) <= maxRatio * Math.min(side, other)) {
                sizes.add(new Size(side, other));
                sizes.add(new Size(other, side));
            }
        }
        if (sizes.isEmpty()) {
            throw new IllegalArgumentException(
                    "buckets: no sides that are multiples of [%d] have area [%s] and ratio [%s]: allow a larger ratio"
                            .formatted(multiple, area, maxRatio));
        }
        return new Buckets(List.copyOf(sizes));
    }

    /** The size nearest in shape; of two, the larger. */
    public Size nearest(Size picture) {
        return sizes.stream()
                .min(Comparator.<Size>comparingDouble(s -> Math.abs(Math.log(ratio(s) / ratio(picture))))
                        .thenComparingLong(s -> -(long) s.width() * s.height()))
                .orElseThrow();
    }

    private static double ratio(Size size) {
        return (double) size.width() / size.height();
    }
}
