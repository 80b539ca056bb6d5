package dev.latente.training;

import dev.latente.golden.GoldenCase;
import dev.latente.tensor.Ops;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.databind.JsonNode;

/** The steps of a short run of a reference case. */
record Recorded(Path folder, List<TrainingListener.Step> steps) {
    /** Trains to the end, in a folder of its own below that one; {@code after} is told of each step. */
    static Recorded run(Path below, TrainingConfig config, Parameters parameters, Task task, Consumer<Long> after) {
        Path folder = newFolder(below);
        List<TrainingListener.Step> steps = new ArrayList<>();
        TrainingListener listener = new TrainingListener() {
            @Override
            public void step(Step step) {
                steps.add(step);
                after.accept(step.step());
            }
        };
        try (Trainer trainer = new Trainer(folder, config, parameters, task, List.of(listener))) {
            trainer.run(() -> false);
        }
        return new Recorded(folder, steps);
    }

    private static Path newFolder(Path below) {
        try {
            return Files.createTempDirectory(below, "run");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Constant learning rate, as the case has it, and PyTorch's defaults. */
    static TrainingConfig config(GoldenCase c, long steps, int accumulation) {
        JsonNode json = c.json();
        AdamW.Config d = AdamW.Config.DEFAULT;
        return TrainingConfig.builder(steps, json.path("lr").asDouble(1e-3))
                .accumulation(accumulation)
                .optimizer(new AdamW.Config(
                        d.beta1(), d.beta2(), d.eps(), json.path("weight_decay").asDouble(d.weightDecay())))
                .clip(json.path("grad_clip").asDouble(0))
                .ema(EmaConfig.DEFAULT)
                .saveEvery(steps)
                .build();
    }

    Tensor losses() {
        return each(TrainingListener.Step::loss);
    }

    Tensor norms() {
        return each(TrainingListener.Step::gradientNorm);
    }

    private Tensor each(ToDoubleFunction<TrainingListener.Step> value) {
        return Ops.of(steps.stream().mapToDouble(value).toArray(), steps.size());
    }
}
