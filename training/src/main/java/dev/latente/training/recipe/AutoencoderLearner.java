package dev.latente.training.recipe;

import dev.latente.image.Picture;
import dev.latente.models.vae.Autoencoder;
import dev.latente.nn.Params;
import dev.latente.nn.Shapes;
import dev.latente.training.Initial;
import dev.latente.training.Parameters;
import dev.latente.training.Task;
import dev.latente.training.Trainer;
import dev.latente.training.data.Dataset;
import dev.latente.training.report.Drawn;
import dev.latente.training.report.VaeSamples;
import dev.latente.weights.WeightSource;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** Trains an autoencoder from nothing; shows pictures that passed it. */
final class AutoencoderLearner implements Learner {
    private static final int SHOWN = 8;

    private final Kind kind;
    private final Recipe recipe;
    private final List<Picture> shown;
    private final Map<String, long[]> shapes;
    private final Parameters parameters;

    /**
     * What one kind of autoencoder does its own way.
     *
     * @param config what its {@code config.json} says, by its trained weights
     * @param folder in that of the run
     * @param free gives up what the task needs
     */
    record Kind(
            Function<Params, Autoencoder> model,
            Task task,
            Function<WeightSource, JsonNode> config,
            String folder,
            Runnable free) {}

    /** @param pictures that learning is shown on */
    AutoencoderLearner(Kind kind, Recipe recipe, Dataset pictures) {
        this.kind = kind;
        this.recipe = recipe;
        shown = IntStream.range(0, Math.min(SHOWN, pictures.size()))
                .mapToObj(i -> pictures.get(i).picture())
                .toList();
        shapes = Shapes.of(p -> {
            Autoencoder unused = kind.model.apply(p); // what it asked for counts
        });
        parameters = new Parameters(shapes, Initial.of(recipe.config().seed()), recipe.device());
    }

    @Override
    public Parameters parameters() {
        return parameters;
    }

    @Override
    public Task task() {
        return kind.task;
    }

    @Override
    public void export(WeightSource trained, Path folder) {
        Path file = folder.resolve(kind.folder).resolve(Folders.DIFFUSERS);
        Folders.write(file, kind.config.apply(trained), shapes, trained, recipe.exportType());
    }

    @Override
    public List<Drawn> samples(Trainer trained, Path exported) {
        return new VaeSamples(kind.model, shown).apply(trained);
    }

    @Override
    public void close() {
        parameters.close();
        kind.free.run();
    }
}
