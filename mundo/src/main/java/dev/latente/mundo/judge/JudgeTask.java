package dev.latente.mundo.judge;

import dev.latente.image.Picture;
import dev.latente.mundo.Painter;
import dev.latente.mundo.Scene;
import dev.latente.mundo.World;
import dev.latente.mundo.judge.Verdict.Kind;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import dev.latente.training.Task;
import dev.latente.training.Turn;
import dev.latente.weights.WeightSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/** To name what is in pictures that were never drawn before: the sum of every head's cross entropy. */
final class JudgeTask implements Task {
    /** The mixture of kinds: what is hard to tell apart comes more often than in the world. */
    private static final List<Kind> MIXTURE = Stream.of(
                    Collections.nCopies(8, Kind.RIDE),
                    Collections.nCopies(3, Kind.PORTRAIT),
                    Collections.nCopies(2, Kind.ALONE),
                    Collections.nCopies(4, Kind.STILL),
                    Collections.nCopies(2, Kind.STUDIO),
                    Collections.nCopies(1, Kind.SHAPES))
            .flatMap(List::stream)
            .toList();

    private final int batch;

    JudgeTask(int batch) {
        this.batch = batch;
    }

    @Override
    public Loss loss(WeightSource weights, Turn turn) {
        List<Verdict> truths = new ArrayList<>();
        float[] values = new float[batch * 3 * Painter.SIZE * Painter.SIZE];
        RandomGenerator random = new SplittableRandom(turn.seed("pictures"));
        for (int i = 0; i < batch; i++) {
            long seed = seed(MIXTURE.get((int) ((turn.index() * batch + i) % MIXTURE.size())), random);
            Scene scene = World.unrestricted(seed);
            truths.add(Verdict.of(scene));
            Picture picture = Picture.of(Painter.paint(scene, seed));
            new Augmentation(random).write(picture, random, values, i * values.length / batch);
        }
        Tensor x = Ops.of(values, batch, 3, Painter.SIZE, Painter.SIZE);
        try (Arena arena = new Arena()) {
            Map<Head, Tensor> logits = new JudgeNetwork(Params.of(weights, arena)).forward(x);
            Map<String, Tensor> terms = new TreeMap<>();
            logits.forEach((head, y) -> terms.put(head.key(), crossEntropy(y, head, truths)));
            return new Loss(terms.values().stream().reduce(Tensor::add).orElseThrow(), terms);
        }
    }

    /** One of a scene of that kind. */
    private static long seed(Kind kind, RandomGenerator random) {
        long seed = random.nextLong();
        while (Verdict.of(World.unrestricted(seed)).kind() != kind) {
            seed = random.nextLong();
        }
        return seed;
    }

    /** logits [B,classes] -> a scalar. */
    private static Tensor crossEntropy(Tensor logits, Head head, List<Verdict> truths) {
        long[] numbers = truths.stream().mapToLong(head::number).toArray();
        Tensor labels = Ops.of(numbers, numbers.length, 1);
        return Ops.to(logits, DType.F32).log_softmax(1).gather(1, labels).mean().neg();
    }
}
