package dev.latente.training.tuning;

import dev.latente.pipelines.Checkpoint;
import dev.latente.tensor.DType;
import dev.latente.training.Parameters;
import dev.latente.training.Task;
import dev.latente.training.tasks.DiffusionTask;
import dev.latente.training.tasks.LatentBatch;
import dev.latente.weights.WeightSource;
import java.nio.file.Path;
import java.util.function.LongFunction;

/** A way to teach a checkpoint something: what learns, where it belongs among the weights that do not, what is written. */
public sealed interface Tuning permits FullTuning, LoraTuning, InversionTuning, ControlNetTuning {
    /** What learns, before it has learned; owned by the caller. */
    Parameters parameters(long seed);

    /** The parts that take part, with what this way adds to those of the checkpoint. */
    DiffusionTask.Model model();

    /** All weights of {@link #model}, in the dtype of the checkpoint: those that learn in their places among the others. */
    WeightSource weights(WeightSource learning);

    /**
     * Writes what was learned.
     *
     * @param folder made if it is not there
     * @param learned values without gradients, such as {@code parameters.source(trainer.best(), F32)}
     * @param dtype to store
     * @return what to load: the folder, or the file in it
     */
    Path write(Path folder, WeightSource learned, DType dtype);

    /** The checkpoint as it was taught: with what {@link #write} wrote. */
    Checkpoint load(Path written);

    /** The loss of what learns. */
    default Task task(DiffusionTask.Config config, LongFunction<LatentBatch> batches) {
        DiffusionTask task = new DiffusionTask(model(), config, batches);
        return (learning, turn) -> task.loss(weights(learning), turn);
    }
}
