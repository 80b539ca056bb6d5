package dev.latente.training.recipe;

import dev.latente.training.Parameters;
import dev.latente.training.Task;
import dev.latente.weights.WeightSource;
import java.nio.file.Path;

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
     * Draws pictures that show how far it is.
     *
     * @param exported where {@link #export} wrote the same weights
     * @param folder for the pictures
     */
    void sample(Path exported, Path folder);

    @Override
    void close();
}
