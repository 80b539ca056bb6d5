package dev.latente.models.clip;

import dev.latente.nn.Activation;
import tools.jackson.databind.JsonNode;

/**
 * Shape of a CLIP text encoder.
 *
 * @param vocabulary rows of the token table
 * @param size of a hidden state
 * @param inner size between the two linear maps of a layer
 * @param positions longest prompt in tokens
 * @param eps of the normalisations
 * @param eosTokenId where the pooled state is taken: at the first of these, or at the largest id if it is 2
 * @param projection size of the projected text embedding; 0 for a model without one
 */
public record ClipTextConfig(
        long vocabulary,
        long size,
        long inner,
        int layers,
        long heads,
        long positions,
        Activation activation,
        double eps,
        long eosTokenId,
        long projection) {

    public ClipTextConfig {
        if (heads < 1 || size % heads != 0) {
            throw new IllegalArgumentException(
                    "CLIP text config: hidden_size [%d] is no multiple of num_attention_heads [%d]"
                            .formatted(size, heads));
        }
    }

    /** Reads the {@code config.json} of a {@code CLIPTextModel}, a {@code CLIPTextModelWithProjection} or a whole CLIP. */
    public static ClipTextConfig of(JsonNode json) {
        JsonNode text = json.has("text_config") ? json.get("text_config") : json;
        boolean projected =
                json.path("architectures").path(0).asString("").matches("CLIP(TextModelWithProjection|Model)");
        return new ClipTextConfig(
                text.path("vocab_size").asLong(49408),
                text.path("hidden_size").asLong(512),
                text.path("intermediate_size").asLong(2048),
                text.path("num_hidden_layers").asInt(12),
                text.path("num_attention_heads").asLong(8),
                text.path("max_position_embeddings").asLong(77),
                Activation.of(text.path("hidden_act").asString("quick_gelu")),
                text.path("layer_norm_eps").asDouble(1e-5),
                text.path("eos_token_id").asLong(49407),
                projected ? json.path("projection_dim").asLong(512) : 0);
    }

    /** The same encoder with a projection of that size; 0 for none. */
    public ClipTextConfig withProjection(long projection) {
        return new ClipTextConfig(
                vocabulary, size, inner, layers, heads, positions, activation, eps, eosTokenId, projection);
    }

    /** The same encoder with a token table of that many rows. */
    public ClipTextConfig withVocabulary(long vocabulary) {
        return new ClipTextConfig(
                vocabulary, size, inner, layers, heads, positions, activation, eps, eosTokenId, projection);
    }
}
