package dev.latente.training.recipe;

import dev.latente.image.Picture;
import dev.latente.models.vae.AutoencoderKL;
import dev.latente.nn.Params;
import dev.latente.nn.Shapes;
import dev.latente.tensor.Arena;
import dev.latente.training.Initial;
import dev.latente.training.Parameters;
import dev.latente.training.Task;
import dev.latente.training.Trainer;
import dev.latente.training.data.Dataset;
import dev.latente.training.report.Drawn;
import dev.latente.training.report.VaeSamples;
import dev.latente.training.tasks.LatentStore;
import dev.latente.training.tasks.VaeTask;
import dev.latente.weights.WeightSource;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import tools.jackson.databind.node.ObjectNode;

/** Trains an autoencoder; writes {@code vae/}. */
final class VaeLearner implements Learner {
    /** Pictures that the spread of the latents is measured on. */
    private static final int MEASURED = 512;

    private static final int SHOWN = 8;

    private final VaeTraining training;
    private final Recipe recipe;
    private final Dataset pictures;
    private final Map<String, long[]> shapes;
    private final Parameters parameters;
    private final Task task;

    VaeLearner(VaeTraining training, Recipe recipe, TrainingData data) {
        this.training = training;
        this.recipe = recipe;
        pictures = data.fitted();
        shapes = Shapes.of(p -> new AutoencoderKL(p, training.config()));
        parameters = new Parameters(shapes, Initial.of(recipe.config().seed()), recipe.device());
        task = new VaeTask(training.config(), training.loss(), data.batches());
    }

    @Override
    public Parameters parameters() {
        return parameters;
    }

    @Override
    public Task task() {
        return task;
    }

    @Override
    public void export(WeightSource trained, Path folder) {
        ObjectNode config = training.json().deepCopy();
        try (Arena arena = new Arena()) {
            AutoencoderKL vae = new AutoencoderKL(Params.of(trained, arena), training.config());
            config.put("scaling_factor", 1 / LatentStore.std(pictures, MEASURED, vae));
        }
        Folders.write(folder.resolve("vae").resolve(Folders.DIFFUSERS), config, shapes, trained, recipe.exportType());
    }

    @Override
    public List<Drawn> samples(Trainer trained, Path exported) {
        return new VaeSamples(p -> new AutoencoderKL(p, training.config()), shown(pictures)).apply(trained);
    }

    /** The pictures that samples show. */
    static List<Picture> shown(Dataset pictures) {
        return IntStream.range(0, Math.min(SHOWN, pictures.size()))
                .mapToObj(i -> pictures.get(i).picture())
                .toList();
    }

    @Override
    public void close() {
        parameters.close();
    }
}
