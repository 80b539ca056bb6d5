package dev.latente.training.report;

import dev.latente.training.Trainer;
import dev.latente.training.TrainingListener;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ObjDoubleConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Everything that shows a run.
 *
 * @param folder of the run
 * @param recipe shown in the report as it is
 * @param images that a step learns from, over all of its micro-batches
 * @param bar draws a line and how much of the run is done, 0 to 1
 */
public record Reporting(Path folder, JsonNode recipe, int images, ObjDoubleConsumer<String> bar) {
    /**
     * The listeners, in the order in which they have to be told.
     *
     * @param draw what shows how far the run is, such as {@link PromptSamples} or {@link VaeSamples}; null for nothing
     */
    public List<TrainingListener> listeners(@Nullable Function<Trainer, List<Drawn>> draw) {
        Speed speed = new Speed(folder, images);
        TensorBoard board = new TensorBoard(folder, speed);
        Report report = new Report(folder, recipe, speed);
        List<TrainingListener> all = new ArrayList<>(List.of(speed, new ProgressLine(speed, bar), board, report));
        if (draw != null) {
            all.add(new SampleGrid(draw, List.of(board::pictures, report::pictures)));
        }
        return all;
    }
}
