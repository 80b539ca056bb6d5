package dev.latente.training.report;

import dev.latente.training.Trainer;
import dev.latente.training.TrainingListener;
import java.util.List;
import java.util.function.Function;
import java.util.function.ObjLongConsumer;

/** Draws pictures when it is time for samples, and hands them to whoever shows them. */
public final class SampleGrid implements TrainingListener {
    private final Function<Trainer, List<Drawn>> draw;
    private final List<ObjLongConsumer<List<Drawn>>> shown;

    /**
     * Draws with the state of the run, and hands on what was drawn, if anything was.
     *
     * @param draw such as {@link PromptSamples} or {@link VaeSamples}
     * @param shown given the pictures and the step, such as {@link Report#pictures}
     */
    public SampleGrid(Function<Trainer, List<Drawn>> draw, List<ObjLongConsumer<List<Drawn>>> shown) {
        this.draw = draw;
        this.shown = List.copyOf(shown);
    }

    @Override
    public void sample(long step, Trainer trained) {
        List<Drawn> drawn = draw.apply(trained);
        if (!drawn.isEmpty()) {
            shown.forEach(each -> each.accept(drawn, step));
        }
    }
}
