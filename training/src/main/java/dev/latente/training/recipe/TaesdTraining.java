package dev.latente.training.recipe;

import dev.latente.models.vae.AutoencoderTinyConfig;
import dev.latente.training.tasks.TaesdTask;
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
        return new TaesdLearner(this, recipe, data);
    }
}
