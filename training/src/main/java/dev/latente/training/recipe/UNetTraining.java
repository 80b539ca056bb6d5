package dev.latente.training.recipe;

import dev.latente.models.unet.UNetConfig;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * The U-Net of latent diffusion from nothing, for an autoencoder and a text encoder that are there.
 *
 * @param json what its {@code config.json} will say
 * @param parts folder with {@code vae}, {@code text_encoder} and {@code tokenizer}
 * @param textEncoder whether the text encoder learns, too, from what it is
 */
record UNetTraining(ObjectNode json, UNetConfig config, Path parts, boolean textEncoder, Objective objective)
        implements Training {
    private static final List<String> KEYS = List.of(
            "sample_size",
            "in_channels",
            "out_channels",
            "block_out_channels",
            "layers_per_block",
            "down_block_types",
            "mid_block_type",
            "up_block_types",
            "cross_attention_dim",
            "attention_head_dim",
            "num_attention_heads",
            "transformer_layers_per_block",
            "use_linear_projection",
            "only_cross_attention",
            "norm_num_groups",
            "norm_eps",
            "act_fn",
            "center_input_sample",
            "downsample_padding",
            "flip_sin_to_cos",
            "freq_shift",
            "time_embedding_dim");

    static UNetTraining of(Section root) {
        Section model = root.section("model");
        ObjectNode json = model.config("config", KEYS);
        json.put("_class_name", "UNet2DConditionModel");
        return new UNetTraining(
                json,
                model.checked(() -> UNetConfig.of(json)),
                model.path("parts"),
                model.flag("train_text_encoder", false),
                Objective.of(root));
    }

    @Override
    public Learner learner(Recipe recipe, TrainingData data) {
        return new UNetLearner(this, recipe, data);
    }
}
