package dev.latente.mundo.judge;

import dev.latente.image.Picture;
import dev.latente.mundo.Painter;
import dev.latente.mundo.Scene;
import dev.latente.mundo.World;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * How often pictures that nobody was trained with are judged rightly.
 *
 * @param pictures how many there were
 * @param right for each head, how many
 * @param shapes how many of them are abstract
 * @param shapesRight how many of these {@link Shapes} reads without any mistake
 */
record Accuracy(int pictures, Map<Head, Integer> right, int shapes, int shapesRight) {
    /** Where the seeds of these pictures begin. */
    private static final long SEEDS = 1L << 41;

    private static final int BATCH = 50;

    /** Of the first pictures of their kind, held out from generators or not, each changed before it is judged. */
    static Accuracy of(Judge judge, int pictures, UnaryOperator<Picture> change) {
        Map<Head, Integer> right = new EnumMap<>(Head.class);
        int shapes = 0;
        int shapesRight = 0;
        for (int from = 0; from < pictures; from += BATCH) {
            List<Verdict> truths = new ArrayList<>();
            List<Picture> batch = new ArrayList<>();
            for (long seed = SEEDS + from; seed < SEEDS + Math.min(from + BATCH, pictures); seed++) {
                Scene scene = World.unrestricted(seed);
                Picture picture = change.apply(Picture.of(Painter.paint(scene, seed)));
                truths.add(Verdict.of(scene));
                batch.add(picture);
                if (Verdict.of(scene).kind() == Verdict.Kind.SHAPES) {
                    shapes++;
                    shapesRight += Shapes.read(picture).equals(Optional.of(Shapes.canonical(scene))) ? 1 : 0;
                }
            }
            List<Verdict> verdicts = judge.judge(batch);
            for (Head head : Head.values()) {
                for (int i = 0; i < truths.size(); i++) {
                    right.merge(head, head.agree(truths.get(i), verdicts.get(i)) ? 1 : 0, Integer::sum);
                }
            }
        }
        return new Accuracy(pictures, right, shapes, shapesRight);
    }

    /** The share of pictures about which a head is right. */
    double of(Head head) {
        return (double) right.getOrDefault(head, 0) / pictures;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Head head : Head.values()) {
            text.append(String.format(Locale.ROOT, "%s %.2f %%, ", head.key(), 100 * of(head)));
        }
        return text + String.format(Locale.ROOT, "shapes %.2f %%", 100.0 * shapesRight / shapes);
    }
}
