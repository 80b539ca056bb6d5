package dev.latente.mundo.evaluation;

import dev.latente.image.Edges;
import dev.latente.image.Picture;
import dev.latente.mundo.Painter;
import dev.latente.mundo.Prompt;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;

/**
 * How well a generator follows edges that it is steered by: of each prompt a picture is painted that nothing was trained with,
 * and what is drawn along its edges should have the same ones.
 *
 * @param trials in the order of the prompts
 */
public record EdgeOverlap(Canny canny, List<Trial> trials) {
    /** How far an edge may lie from its counterpart, in pixels; it is dilated by a square of twice as many and one. */
    private static final int REACH = 2;

    public EdgeOverlap {
        trials = List.copyOf(trials);
    }

    /** Finds edges with these thresholds, see {@link Edges#canny(Picture, double, double)}. */
    public record Canny(double low, double high) {
        Picture edges(Picture picture) {
            return Edges.canny(picture, low, high);
        }
    }

    /** Draws along edges. */
    @FunctionalInterface
    public interface Steered {
        /**
         * One picture for the prompt.
         *
         * @param edges white on black, of the size that the picture shall have
         */
        Picture draw(Prompt prompt, long seed, Picture edges);
    }

    /**
     * A picture beside the painted one.
     *
     * @param iou of both pictures' edges, see {@link EdgeOverlap#iou}
     */
    public record Match(Picture picture, double iou) {}

    /**
     * One prompt.
     *
     * @param edges of the painted picture
     * @param steered drawn along the edges
     * @param free drawn with the same seed, but without the edges
     * @param decoded the painted picture after the autoencoder: nothing that is drawn through it can be expected to be nearer
     */
    public record Trial(
            Prompt prompt, long seed, Picture painted, Picture edges, Match steered, Match free, Match decoded) {}

    /**
     * Draws for each prompt with and without the edges, one picture at a time.
     *
     * @param prompts such as {@link dev.latente.mundo.Prompts#heldOut}
     * @param seed of the first picture; the next has the next one
     * @param free the same generator without edges
     * @param autoencoder encodes and decodes
     * @param progress told how many prompts are done
     */
    public static EdgeOverlap of(
            List<Prompt> prompts,
            long seed,
            Canny canny,
            Steered steered,
            Generator free,
            UnaryOperator<Picture> autoencoder,
            IntConsumer progress) {
        List<Trial> trials = new ArrayList<>();
        for (Prompt prompt : prompts) {
            long own = seed + trials.size();
            Picture painted = Picture.of(Painter.paint(prompt.scene(), Resemblance.UNSEEN + own));
            Picture edges = canny.edges(painted);
            Function<Picture, Match> match = picture -> new Match(picture, iou(edges, canny.edges(picture)));
            trials.add(new Trial(
                    prompt,
                    own,
                    painted,
                    edges,
                    match.apply(steered.draw(prompt, own, edges)),
                    match.apply(free.draw(List.of(prompt), own).get(0)),
                    match.apply(autoencoder.apply(painted))));
            progress.accept(trials.size());
        }
        return new EdgeOverlap(canny, trials);
    }

    /** The mean over all trials; not a number for none. */
    public double mean(Function<Trial, Match> which) {
        return trials.stream().mapToDouble(s -> which.apply(s).iou()).average().orElse(Double.NaN);
    }

    /**
     * Intersection over union of two maps of edges, each dilated by a square of 5x5 pixels; 1 where neither has any.
     *
     * @throws IllegalArgumentException if they differ in size
     */
    static double iou(Picture a, Picture b) {
        if (a.width() != b.width() || a.height() != b.height()) {
            throw new IllegalArgumentException("edges: got pictures of [%dx%d] and [%dx%d], wanted the same size"
                    .formatted(a.width(), a.height(), b.width(), b.height()));
        }
        BitSet other = dilated(b);
        BitSet both = dilated(a);
        BitSet either = (BitSet) both.clone();
        both.and(other);
        either.or(other);
        return either.isEmpty() ? 1 : (double) both.cardinality() / either.cardinality();
    }

    private static BitSet dilated(Picture edges) {
        int width = edges.width();
        BitSet pixels = new BitSet(width * edges.height());
        for (int y = 0; y < edges.height(); y++) {
            for (int x = 0; x < width; x++) {
                if (edges.at(x, y, 0) != 0) {
                    int left = Math.max(0, x - REACH);
                    int right = Math.min(width - 1, x + REACH);
                    for (int row = Math.max(0, y - REACH); row <= Math.min(edges.height() - 1, y + REACH); row++) {
                        pixels.set(row * width + left, row * width + right + 1);
                    }
                }
            }
        }
        return pixels;
    }
}
