package dev.latente.mundo.judge;

import dev.latente.image.Picture;
import dev.latente.image.Resize;
import dev.latente.nn.Shapes;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.training.AdamW;
import dev.latente.training.LrSchedule;
import dev.latente.training.Parameters;
import dev.latente.training.Trainer;
import dev.latente.training.TrainingConfig;
import dev.latente.training.TrainingListener;
import dev.latente.weights.SafetensorsWriter;
import dev.latente.weights.WeightSources;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Trains the judge that is shipped: {@code JudgeTraining FOLDER [STEPS]} draws its pictures, trains on one thread, goes on where it
 * stopped, writes {@code FOLDER/judge.safetensors} and says how many unseen pictures it judges rightly. {@code JudgeTraining FOLDER 0}
 * only says so.
 */
public final class JudgeTraining {
    private static final long SEED = 1;
    private static final int BATCH = 32;
    private static final int STEPS = 2000;
    private static final int UNSEEN = 5000;

    private JudgeTraining() {}

    public static void main(String[] args) {
        if (args.length < 1 || args.length > 2) {
            throw new IllegalArgumentException(
                    "JudgeTraining: got %d arguments, wanted FOLDER [STEPS]".formatted(args.length));
        }
        Ops.setThreads(1);
        Path folder = Path.of(args[0]);
        Path file = folder.resolve("judge.safetensors");
        int steps = args.length == 1 ? STEPS : Integer.parseInt(args[1]);
        if (steps > 0) {
            train(folder, file, steps);
        }
        try (Judge judge = Judge.load(file)) {
            System.out.println("as drawn: " + Accuracy.of(judge, UNSEEN, p -> p));
            System.out.println("softened: " + Accuracy.of(judge, UNSEEN, JudgeTraining::softened));
        }
    }

    /** What is left of a picture at half its size, which is worse than what an autoencoder leaves. */
    static Picture softened(Picture p) {
        Picture half = Resize.to(p, p.width() / 2, p.height() / 2, Resize.Filter.BILINEAR);
        return Resize.to(half, p.width(), p.height(), Resize.Filter.BICUBIC);
    }

    private static void train(Path folder, Path file, int steps) {
        TrainingConfig config = TrainingConfig.builder(steps, 1.5e-3)
                .seed(SEED)
                .schedule(LrSchedule.cosine(100, steps, 0.5))
                .optimizer(new AdamW.Config(0.9, 0.99, 1e-8, 0.02))
                .dtype(DType.BF16)
                .saveEvery(250)
                .build();
        Map<String, long[]> shapes = Shapes.of(JudgeNetwork::new);
        try (Parameters parameters = new Parameters(shapes, WeightSources.random(SEED), Device.CPU);
                Trainer trainer =
                        new Trainer(folder, config, parameters, new JudgeTask(BATCH), List.of(new Progress()))) {
            trainer.run(() -> false);
            Scopes.run(() -> write(parameters.named(trainer.best()), file));
        }
    }

    private static void write(Map<String, Tensor> weights, Path file) {
        Map<String, Tensor> halves = new LinkedHashMap<>();
        weights.forEach((name, x) -> halves.put(name, Ops.to(x, DType.F16)));
        Map<String, String> names = new LinkedHashMap<>();
        for (Head head : Head.values()) {
            names.put(head.key(), head.names());
        }
        SafetensorsWriter.of(halves).withMetadata(names).write(file);
    }

    private static final class Progress implements TrainingListener {
        @Override
        public void step(Step step) {
            if (step.step() % 50 == 0) {
                System.out.printf(Locale.ROOT, "step %d: loss %.4f %s%n", step.step(), step.loss(), step.terms());
            }
        }

        @Override
        public void warning(String message) {
            System.out.println(message);
        }
    }
}
