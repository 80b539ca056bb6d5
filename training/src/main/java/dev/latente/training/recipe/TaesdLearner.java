package dev.latente.training.recipe;

import dev.latente.image.Picture;
import dev.latente.models.vae.AutoencoderKL;
import dev.latente.models.vae.AutoencoderTiny;
import dev.latente.models.vae.VaeConfig;
import dev.latente.nn.Params;
import dev.latente.nn.Shapes;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.training.Initial;
import dev.latente.training.Parameters;
import dev.latente.training.Task;
import dev.latente.training.Trainer;
import dev.latente.training.report.Drawn;
import dev.latente.training.report.VaeSamples;
import dev.latente.training.tasks.TaesdTask;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import dev.latente.weights.layout.CheckpointFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Trains a tiny autoencoder; writes what {@code --vae} takes. */
final class TaesdLearner implements Learner {
    private final Arena arena = new Arena();
    private final TaesdTraining training;
    private final Recipe recipe;
    private final List<Picture> shown;
    private final Map<String, long[]> shapes;
    private final Parameters parameters;
    private final Task task;

    TaesdLearner(TaesdTraining training, Recipe recipe, TrainingData data) {
        this.training = training;
        this.recipe = recipe;
        shown = VaeLearner.shown(data.fitted());
        shapes = Shapes.of(p -> new AutoencoderTiny(p, training.config()));
        AutoencoderKL teacher = teacher(recipe.checkpoint(training.checkpoint(), data.watcher()));
        parameters = new Parameters(shapes, Initial.of(recipe.config().seed()), recipe.device());
        task = new TaesdTask(training.config(), teacher, training.loss(), data.batches());
    }

    private AutoencoderKL teacher(Path checkpoint) {
        try (CheckpointFiles files = CheckpointFiles.open(checkpoint)) {
            VaeConfig config = VaeConfig.of(files.config("vae"));
            if (config.factor() != training.config().factor()
                    || config.latentChannels() != training.config().latentChannels()) {
                throw new IllegalArgumentException(
                        "model.config: a latent of it is [%d] channels for [%d] pixels, wanted [%d] for [%d] as in %s"
                                .formatted(
                                        training.config().latentChannels(),
                                        training.config().factor(),
                                        config.latentChannels(),
                                        config.factor(),
                                        checkpoint));
            }
            DType dtype = config.dtype(recipe.config().dtype());
            WeightSource weights = WeightSources.cast(files.weights("vae"), dtype, recipe.device());
            return new AutoencoderKL(Params.of(weights, arena), config);
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
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
        Folders.write(folder.resolve(Folders.DIFFUSERS), training.json(), shapes, trained, recipe.exportType());
    }

    @Override
    public List<Drawn> samples(Trainer trained, Path exported) {
        return new VaeSamples(p -> new AutoencoderTiny(p, training.config()), shown).apply(trained);
    }

    @Override
    public void close() {
        parameters.close();
        arena.close();
    }
}
