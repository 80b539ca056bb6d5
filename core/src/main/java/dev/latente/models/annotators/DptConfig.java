package dev.latente.models.annotators;

import dev.latente.nn.Activation;
import dev.latente.weights.Json;
import dev.latente.weights.WeightsException;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Shape of a dense prediction transformer, from the {@code config.json} of transformers' {@code DPTForDepthEstimation} with a
 * plain vision transformer; defaults are that class's.
 *
 * @param size of a state
 * @param inner size between the two linear maps of a layer
 * @param imageSize side of a picture in pixels
 * @param patchSize side of a patch in pixels
 * @param outs numbers of the layers whose states are read
 * @param readout what the class token tells the others
 * @param factors by which the states of each become larger, or smaller
 * @param necks channels of each
 * @param fusion channels of all that are fused
 */
public record DptConfig(
        long size,
        long inner,
        int layers,
        long heads,
        long imageSize,
        long patchSize,
        Activation activation,
        double eps,
        List<Integer> outs,
        Readout readout,
        List<Double> factors,
        List<Long> necks,
        long fusion) {
    /** How the class token is read. */
    public enum Readout {
        IGNORE,
        ADD,
        PROJECT
    }

    private static final JsonNode DEFAULTS = Json.parse("""
            {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12,
             "image_size": 384, "patch_size": 16, "hidden_act": "gelu", "layer_norm_eps": 1e-12,
             "backbone_out_indices": [2, 5, 8, 11], "readout_type": "project", "reassemble_factors": [4, 2, 1, 0.5],
             "neck_hidden_sizes": [96, 192, 384, 768], "fusion_hidden_size": 256}
            """);

    public DptConfig {
        outs = List.copyOf(outs);
        factors = List.copyOf(factors);
        necks = List.copyOf(necks);
        if (heads < 1 || size % heads != 0 || patchSize < 1 || imageSize < patchSize) {
            throw refused("hidden_size, image_size", size + ", " + imageSize, "multiples of heads and patches");
        }
        if (outs.isEmpty() || factors.size() != outs.size() || necks.size() != outs.size()) {
            throw refused("backbone_out_indices", outs, "as many as reassemble_factors and neck_hidden_sizes");
        }
    }

    /**
     * Reads a {@code config.json}.
     *
     * @throws WeightsException if it describes an architecture that this one is not
     */
    public static DptConfig of(JsonNode config) {
        ObjectNode json = (ObjectNode) DEFAULTS.deepCopy();
        json.setAll((ObjectNode) config);
        if (json.path("is_hybrid").asBoolean(false) || json.hasNonNull("backbone_config")) {
            throw refused(
                    "is_hybrid, backbone_config", "another backbone", "a plain one, such as that of Intel/dpt-large");
        }
        for (String option : List.of("use_batch_norm_in_fusion_residual", "add_projection")) {
            if (json.path(option).asBoolean(false)) {
                throw refused(option, true, "false");
            }
        }
        return new DptConfig(
                json.get("hidden_size").asLong(),
                json.get("intermediate_size").asLong(),
                json.get("num_hidden_layers").asInt(),
                json.get("num_attention_heads").asLong(),
                json.get("image_size").asLong(),
                json.get("patch_size").asLong(),
                Activation.of(json.get("hidden_act").asString()),
                json.get("layer_norm_eps").asDouble(),
                json.get("backbone_out_indices")
                        .valueStream()
                        .map(JsonNode::asInt)
                        .toList(),
                switch (json.get("readout_type").asString("")) {
                    case "ignore" -> Readout.IGNORE;
                    case "add" -> Readout.ADD;
                    case "project" -> Readout.PROJECT;
                    default -> throw refused("readout_type", json.get("readout_type"), "ignore, add or project");
                },
                json.get("reassemble_factors")
                        .valueStream()
                        .map(JsonNode::asDouble)
                        .toList(),
                json.get("neck_hidden_sizes")
                        .valueStream()
                        .map(JsonNode::asLong)
                        .toList(),
                json.get("fusion_hidden_size").asLong());
    }

    /** Patches along a side. */
    long side() {
        return imageSize / patchSize;
    }

    private static WeightsException refused(String option, Object got, String wanted) {
        return new WeightsException("DPT config: [%s] is [%s], wanted %s".formatted(option, got, wanted));
    }
}
