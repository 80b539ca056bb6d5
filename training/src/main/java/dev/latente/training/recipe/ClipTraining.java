package dev.latente.training.recipe;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A pair of encoders for pictures and texts from nothing, and the vocabulary of the texts.
 *
 * @param json what its {@code config.json} will say, without the vocabulary
 * @param vocabulary tokens to learn, control tokens included
 * @param tokenizer folder of a tokenizer to use instead; null to learn one
 */
record ClipTraining(
        ObjectNode json, int vocabulary, @Nullable Path tokenizer) implements Training {
    static final String TEXT = "text_config";
    static final String VISION = "vision_config";

    private static final int VOCABULARY = 1536;

    private static final List<String> KEYS = List.of(
            "projection_dim",
            "text_config.hidden_size",
            "text_config.intermediate_size",
            "text_config.num_hidden_layers",
            "text_config.num_attention_heads",
            "text_config.max_position_embeddings",
            "text_config.hidden_act",
            "text_config.layer_norm_eps",
            "vision_config.hidden_size",
            "vision_config.intermediate_size",
            "vision_config.num_hidden_layers",
            "vision_config.num_attention_heads",
            "vision_config.image_size",
            "vision_config.patch_size",
            "vision_config.num_channels",
            "vision_config.hidden_act",
            "vision_config.layer_norm_eps");

    static ClipTraining of(Section root) {
        Section model = root.section("model");
        ObjectNode json = model.config("config", KEYS);
        return new ClipTraining(
                json, model.integer("vocabulary", VOCABULARY), model.has("tokenizer") ? model.path("tokenizer") : null);
    }

    @Override
    public Learner learner(Recipe recipe, TrainingData data) {
        return new ClipLearner(this, recipe, data);
    }
}
