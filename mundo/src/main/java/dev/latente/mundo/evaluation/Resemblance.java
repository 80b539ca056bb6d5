package dev.latente.mundo.evaluation;

import dev.latente.image.Picture;
import dev.latente.mundo.Painter;
import java.util.List;

/**
 * Whether samples are copies: how near the nearest training picture is, compared with pictures of the same scenes that are
 * painted anew and cannot be copies.
 *
 * @param samples what each sample is nearest to
 * @param fresh what the picture painted for the same prompt is nearest to
 */
public record Resemblance(List<TrainingPictures.Neighbour> samples, List<TrainingPictures.Neighbour> fresh) {
    /** Where the seeds begin that nothing is trained with. */
    static final long UNSEEN = 1L << 42;

    public Resemblance {
        samples = List.copyOf(samples);
        fresh = List.copyOf(fresh);
    }

    /** Compares. */
    public static Resemblance of(List<Sample> samples, TrainingPictures training) {
        List<Picture> painted = samples.stream()
                .map(s -> Picture.of(Painter.paint(s.prompt().scene(), UNSEEN + s.seed())))
                .toList();
        return new Resemblance(
                training.nearest(samples.stream().map(Sample::picture).toList()), training.nearest(painted));
    }

    /** Samples that are nearer to a training picture than any fresh picture is. */
    public Rate suspicious() {
        double least = quantile(fresh, 0);
        return new Rate(samples.stream().filter(n -> n.distance() < least).count(), samples.size());
    }

    /** The distance that a share of neighbours does not exceed, 0 to 1; not a number where there are none. */
    static double quantile(List<TrainingPictures.Neighbour> neighbours, double share) {
        double[] sorted = neighbours.stream()
                .mapToDouble(TrainingPictures.Neighbour::distance)
                .sorted()
                .toArray();
        return sorted.length == 0 ? Double.NaN : sorted[(int) Math.round(share * (sorted.length - 1))];
    }
}
