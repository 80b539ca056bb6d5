package dev.latente.training.recipe;

import dev.latente.models.vae.AutoencoderKL;
import dev.latente.models.vae.VaeConfig;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.training.data.Dataset;
import dev.latente.training.tasks.LatentStore;
import dev.latente.training.tasks.VaeTask;
import dev.latente.weights.WeightSource;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * An autoencoder from nothing.
 *
 * @param json what its {@code config.json} will say, without the scaling factor, which is measured
 */
record VaeTraining(ObjectNode json, VaeConfig config, VaeTask.Config loss) implements Training {
    /** Pictures that the spread of the latents is measured on. */
    private static final int MEASURED = 512;

    private static final List<String> KEYS = List.of(
            "block_out_channels",
            "layers_per_block",
            "latent_channels",
            "norm_num_groups",
            "down_block_types",
            "up_block_types",
            "act_fn",
            "mid_block_add_attention",
            "use_quant_conv",
            "use_post_quant_conv",
            "in_channels",
            "out_channels",
            "sample_size",
            "force_upcast");

    static VaeTraining of(Section root) {
        Section model = root.section("model");
        ObjectNode json = model.config("config", KEYS);
        json.put("_class_name", "AutoencoderKL");
        Section s = root.section("objective");
        VaeTask.Config d = VaeTask.Config.DEFAULT;
        VaeTask.Config loss = new VaeTask.Config(
                s.number("squared", d.squared()),
                s.number("edges", d.edges()),
                s.number("kl", d.kl()),
                s.number("equivariance", d.equivariance()),
                s.integer("crop", d.crop()));
        return new VaeTraining(json, model.checked(() -> VaeConfig.of(json)), loss);
    }

    @Override
    public Learner learner(Recipe recipe, TrainingData data) {
        Dataset pictures = data.fitted();
        return new AutoencoderLearner(
                new AutoencoderLearner.Kind(
                        p -> new AutoencoderKL(p, config),
                        new VaeTask(config, loss, data.batches()),
                        trained -> measured(trained, pictures),
                        "vae",
                        () -> {}),
                recipe,
                pictures);
    }

    private ObjectNode measured(WeightSource trained, Dataset pictures) {
        try (Arena arena = new Arena()) {
            AutoencoderKL vae = new AutoencoderKL(Params.of(trained, arena), config);
            return json.deepCopy().put("scaling_factor", 1 / LatentStore.std(pictures, MEASURED, vae));
        }
    }
}
