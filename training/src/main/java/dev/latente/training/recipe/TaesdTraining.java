package dev.latente.training.recipe;

import dev.latente.models.vae.AutoencoderKL;
import dev.latente.models.vae.AutoencoderTiny;
import dev.latente.models.vae.AutoencoderTinyConfig;
import dev.latente.models.vae.VaeConfig;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.training.tasks.TaesdTask;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import dev.latente.weights.layout.CheckpointFiles;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * A tiny autoencoder for a checkpoint.
 *
 * @param json what its {@code config.json} will say
 * @param checkpoint whose autoencoder it learns from: folder, single file, a model of the Hub, or one that the recipe knows by
 *     a name
 */
record TaesdTraining(ObjectNode json, AutoencoderTinyConfig config, String checkpoint, TaesdTask.Config loss)
        implements Training {
    private static final List<String> KEYS = List.of(
            "encoder_block_out_channels",
            "decoder_block_out_channels",
            "num_encoder_blocks",
            "num_decoder_blocks",
            "latent_channels",
            "in_channels",
            "out_channels",
            "act_fn");

    static TaesdTraining of(Section root) {
        Section model = root.section("model");
        ObjectNode json = model.config("config", KEYS);
        json.put("_class_name", AutoencoderTinyConfig.CLASS);
        Section s = root.section("objective");
        TaesdTask.Config d = TaesdTask.Config.DEFAULT;
        TaesdTask.Config loss = new TaesdTask.Config(
                s.number("squared", d.squared()),
                s.number("edges", d.edges()),
                s.number("latents", d.latents()),
                s.integer("crop", d.crop()));
        String checkpoint = root.section("base").text("checkpoint");
        return new TaesdTraining(json, model.checked(() -> AutoencoderTinyConfig.of(json)), checkpoint, loss);
    }

    @Override
    public Learner learner(Recipe recipe, TrainingData data) {
        Arena arena = new Arena();
        try {
            AutoencoderKL teacher = teacher(recipe, recipe.checkpoint(checkpoint, data.watcher()), arena);
            return new AutoencoderLearner(
                    new AutoencoderLearner.Kind(
                            p -> new AutoencoderTiny(p, config),
                            new TaesdTask(config, teacher, loss, data.batches()),
                            trained -> json,
                            "",
                            arena::close),
                    recipe,
                    data.fitted());
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    private AutoencoderKL teacher(Recipe recipe, Path checkpoint, Arena arena) {
        try (CheckpointFiles files = CheckpointFiles.open(checkpoint)) {
            VaeConfig whole = VaeConfig.of(files.config("vae"));
            if (whole.factor() != config.factor() || whole.latentChannels() != config.latentChannels()) {
                throw new IllegalArgumentException(
                        "model.config: a latent of it is [%d] channels for [%d] pixels, wanted [%d] for [%d] as in %s"
                                .formatted(
                                        config.latentChannels(),
                                        config.factor(),
                                        whole.latentChannels(),
                                        whole.factor(),
                                        checkpoint));
            }
            DType dtype = whole.dtype(recipe.config().dtype());
            WeightSource weights = WeightSources.cast(files.weights("vae"), dtype, recipe.device());
            return new AutoencoderKL(Params.of(weights, arena), whole);
        }
    }
}
