package dev.latente.training.recipe;

import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import dev.latente.image.VaeImages;
import dev.latente.models.vae.AutoencoderKL;
import dev.latente.nn.Params;
import dev.latente.nn.Shapes;
import dev.latente.tensor.Arena;
import dev.latente.tensor.Device;
import dev.latente.tensor.Scopes;
import dev.latente.training.Initial;
import dev.latente.training.Parameters;
import dev.latente.training.Task;
import dev.latente.training.data.Dataset;
import dev.latente.training.tasks.LatentStore;
import dev.latente.training.tasks.VaeTask;
import dev.latente.weights.WeightSource;
import dev.latente.weights.layout.ModelFiles;
import java.nio.file.Path;
import java.util.Map;
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
        parameters = new Parameters(shapes, Initial.of(recipe.config().seed()), Device.CPU);
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

    /** Pictures above, what becomes of them below. */
    @Override
    public void sample(Path exported, Path folder) {
        int side = recipe.data().size();
        int count = Math.min(SHOWN, pictures.size());
        Picture sheet = Picture.filled(side * count, side * 2, 3, 0);
        try (ModelFiles files = ModelFiles.open(exported.resolve("vae"), "vae", null);
                Arena arena = new Arena()) {
            AutoencoderKL vae = new AutoencoderKL(Params.of(files.weights(), arena), training.config());
            for (int i = 0; i < count; i++) {
                Picture picture = pictures.get(i).picture();
                sheet = sheet.paste(picture, i * side, 0).paste(again(vae, picture), i * side, side);
            }
        }
        PictureFiles.writePng(folder.resolve("reconstructions.png"), sheet, Map.of());
    }

    private static Picture again(AutoencoderKL vae, Picture picture) {
        return Scopes.within(() -> Picture.fromTensor(VaeImages.denormalize(
                vae.decode(vae.encode(VaeImages.normalize(picture.toTensor())).mode())))[0]);
    }

    @Override
    public void close() {
        parameters.close();
    }
}
