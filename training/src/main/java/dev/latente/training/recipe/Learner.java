package dev.latente.training.recipe;

import dev.latente.training.Parameters;
import dev.latente.training.Task;
import dev.latente.training.Trainer;
import dev.latente.training.report.Drawn;
import dev.latente.weights.WeightSource;
import java.nio.file.Path;
import java.util.List;

/** Something that is ready to learn. */
interface Learner extends AutoCloseable {
    Parameters parameters();

    Task task();

    /**
     * Writes what was learned in the layout that other tools load.
     *
     * @param trained the weights, fp32
     */
    void export(WeightSource trained, Path folder);

    /**
     * Pictures that show how far it is; none where nothing can be drawn.
     *
     * @param exported where {@link #export} wrote the same weights
     */
    List<Drawn> samples(Trainer trained, Path exported);

    @Override
    void close();
}
