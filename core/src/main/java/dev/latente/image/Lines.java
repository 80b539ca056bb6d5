package dev.latente.image;

/** Lines of several kinds, white on black, which control networks are trained with, made without a network. */
public final class Lines {
    /** Ratio of the two blurs whose difference is like that of an ideal edge detector (Marr and Hildreth 1980). */
    private static final double RATIO = 1.6;

    /** Share of pixels that are as bright as they can be. */
    private static final double BRIGHTEST = 0.98;

    private Lines() {}

    /**
     * Soft edges: the magnitude of the gradient after a blur, so bright that the strongest edges are white. Coarser than what
     * a network for soft edges finds, and everywhere where brightness changes.
     *
     * @param sigma of the blur, in pixels
     * @return gray, of the same size
     */
    public static Picture softEdges(Picture picture, double sigma) {
        Gray smooth = Gray.of(picture).blurred(positive(sigma));
        Gray edges = smooth.make((x, y) -> (float)
                Math.hypot(smooth.at(x + 1, y) - smooth.at(x - 1, y), smooth.at(x, y + 1) - smooth.at(x, y - 1)));
        float bright = Math.max(1f / 255, edges.quantile(BRIGHTEST));
        return edges.make((x, y) -> edges.at(x, y) / bright).toPicture();
    }

    /**
     * Line art: where a pixel is darker than its surroundings, by a difference of Gaussians with a soft threshold
     * (Winnemöller et al. 2012, section 2.2).
     *
     * @param sigma of the narrower blur: half the width of a line, in pixels
     * @return gray, of the same size
     */
    public static Picture lineArt(Picture picture, double sigma) {
        Gray gray = Gray.of(picture);
        Gray narrow = gray.blurred(positive(sigma));
        Gray wide = gray.blurred(RATIO * sigma);
        Gray darker = gray.make((x, y) -> Math.max(0, wide.at(x, y) - narrow.at(x, y)));
        float strong = Math.max(1f / 255, darker.quantile(BRIGHTEST));
        // Fine grain is below a quarter of what strong lines have.
        return darker.make((x, y) -> (float) Math.tanh(3 * (darker.at(x, y) / strong - 0.25)))
                .toPicture();
    }

    /**
     * A scribble: of soft edges, the ridges (pixels that are the brightest along one of four directions), drawn with a pen.
     *
     * @param edges soft edges, by a network or by {@link #softEdges}
     * @param threshold brightness of an edge, after a blur, from which it is drawn, 0 to 255
     * @return gray, of the same size, 255 on lines and 0 elsewhere
     */
    public static Picture scribble(Picture edges, double threshold) {
        if (!(threshold >= 0 && threshold < 255)) {
            throw new IllegalArgumentException(
                    "scribble: got the threshold [%s], wanted 0 to 254".formatted(threshold));
        }
        double pen = 3;
        Gray smooth = Gray.of(edges).blurred(pen);
        Gray ridges = smooth.make((x, y) -> {
            float value = smooth.at(x, y);
            return value > threshold / 255 && isRidge(smooth, x, y, value) ? 1 : 0;
        });
        Gray drawn = ridges.blurred(pen);
        return drawn.make((x, y) -> drawn.at(x, y) > 4f / 255 ? 1 : 0).toPicture();
    }

    private static boolean isRidge(Gray g, int x, int y, float value) {
        return isPeak(g, x, y, 1, 0, value)
                || isPeak(g, x, y, 0, 1, value)
                || isPeak(g, x, y, 1, 1, value)
                || isPeak(g, x, y, 1, -1, value);
    }

    private static boolean isPeak(Gray g, int x, int y, int dx, int dy, float value) {
        return value >= g.at(x + dx, y + dy) && value >= g.at(x - dx, y - dy);
    }

    private static double positive(double sigma) {
        if (!(sigma > 0 && sigma <= 100)) {
            throw new IllegalArgumentException("lines: got the sigma [%s], wanted more than 0 to 100".formatted(sigma));
        }
        return sigma;
    }
}
