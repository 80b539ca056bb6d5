package dev.latente.training.recipe;

import dev.latente.tensor.DType;
import dev.latente.training.Trainer;
import dev.latente.training.TrainingListener;
import dev.latente.training.data.Skipped;
import dev.latente.training.report.Drawn;
import dev.latente.training.report.Reporting;
import dev.latente.weights.WeightSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * A run of a recipe, which goes on where it stopped: the training loop, the samples on its way, and the export of what was
 * learned. In its folder: {@code log.jsonl}, {@code checkpoints/}, {@code report/}.
 */
public final class TrainingRun implements AutoCloseable {
    private final Recipe recipe;
    private final TrainingData data;
    private final Learner learner;
    private final Trainer trainer;

    /** Opens the data, makes or restores the weights. */
    public TrainingRun(Recipe recipe, RunWatcher watcher) {
        this.recipe = recipe;
        data = new TrainingData(recipe.data(), recipe.config().seed(), watcher);
        Learner opened = null;
        try {
            Files.createDirectories(recipe.output());
            opened = recipe.training().learner(recipe, data);
            learner = opened;
            List<TrainingListener> listeners = new ArrayList<>(new Reporting(
                            recipe.output(),
                            recipe.source(),
                            recipe.data().batch() * recipe.data().accumulation(),
                            watcher::progress)
                    .listeners(this::draw));
            listeners.add(new TrainingListener() {
                @Override
                public void warning(String message) {
                    watcher.warning(message);
                }
            });
            trainer = new Trainer(recipe.output(), recipe.config(), learner.parameters(), learner.task(), listeners);
        } catch (IOException e) {
            data.close();
            throw new UncheckedIOException("%s: cannot be made: %s".formatted(recipe.output(), e.getMessage()), e);
        } catch (RuntimeException e) {
            if (opened != null) {
                opened.close();
            }
            data.close();
            throw e;
        }
    }

    /** Steps that are done. */
    public long done() {
        return trainer.done();
    }

    /** Numbers that learn. */
    public long parameters() {
        return learner.parameters().count();
    }

    /** Examples that were left out so far. */
    public List<Skipped> skipped() {
        return data.skipped().list();
    }

    /**
     * Trains to the end, and exports what was learned; or until {@code stop} says so, and leaves a checkpoint.
     *
     * @return whether all steps are done
     */
    public boolean run(BooleanSupplier stop) {
        trainer.run(stop);
        boolean complete = trainer.done() >= recipe.config().steps();
        if (complete) {
            learner.export(best(trainer), recipe.export());
        }
        return complete;
    }

    private static WeightSource best(Trainer trained) {
        return trained.parameters().source(trained.best(), DType.F32);
    }

    private List<Drawn> draw(Trainer trained) {
        learner.export(best(trained), recipe.export());
        return learner.samples(trained, recipe.export());
    }

    @Override
    public void close() {
        trainer.close();
        learner.close();
        data.close();
    }
}
