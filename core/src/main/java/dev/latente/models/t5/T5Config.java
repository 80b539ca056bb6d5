package dev.latente.models.t5;

import dev.latente.nn.Activation;
import tools.jackson.databind.JsonNode;

/**
 * Shape of a T5 encoder.
 *
 * @param vocabulary rows of the token table
 * @param size of a hidden state
 * @param headSize of a query, a key and a value; heads times this need not be {@code size}
 * @param inner size between the linear maps of a feed forward
 * @param gated whether the feed forward has a gate (Shazeer 2020)
 * @param buckets of relative positions, half of them for each direction
 * @param maxDistance from where on positions share a bucket
 * @param eps of the normalisations
 */
public record T5Config(
        long vocabulary,
        long size,
        long headSize,
        long inner,
        int layers,
        long heads,
        Activation activation,
        boolean gated,
        int buckets,
        int maxDistance,
        double eps) {

    public T5Config {
        if (buckets < 4 || buckets % 2 != 0 || maxDistance <= buckets / 4) {
            throw new IllegalArgumentException(
                    "T5 config: relative_attention_num_buckets [%d] must be even and at least 4, and relative_attention_max_distance [%d] more than a quarter of it"
                            .formatted(buckets, maxDistance));
        }
    }

    /** Reads the {@code config.json} of a {@code T5EncoderModel} or of a whole T5. */
    public static T5Config of(JsonNode json) {
        String feedForward = json.path("feed_forward_proj").asString("relu");
        boolean gated = feedForward.startsWith("gated-");
        String activation = feedForward.substring(gated ? 6 : 0);
        return new T5Config(
                json.path("vocab_size").asLong(32128),
                json.path("d_model").asLong(512),
                json.path("d_kv").asLong(64),
                json.path("d_ff").asLong(2048),
                json.path("num_layers").asInt(6),
                json.path("num_heads").asLong(8),
                // In this one name "gelu" has always meant the tanh approximation.
                feedForward.equals("gated-gelu") ? Activation.GELU_TANH : Activation.of(activation),
                gated,
                json.path("relative_attention_num_buckets").asInt(32),
                json.path("relative_attention_max_distance").asInt(128),
                json.path("layer_norm_epsilon").asDouble(1e-6));
    }
}
