package dev.latente.weights.layout;

import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What {@code scheduler_config.json} would say of a single file, which mostly does not say it itself. */
final class SingleFileScheduler {
    /** Between the spreads of that bias in SD 2.1 for v and in SD 2.1 base, as other loaders draw the line. */
    private static final double V_BIAS = 0.09;

    private SingleFileScheduler() {}

    /** @param told what the U-Net predicts by the caller's word, or null */
    static JsonNode config(SingleFile single, CheckpointFiles files, @Nullable String told) {
        Family family = files.family();
        String known = told == null ? single.predictionType() : told;
        String type = known != null ? known : looksLikeV(files) ? "v_prediction" : "epsilon";
        ObjectNode config = (ObjectNode) family.schedulerConfig(type);
        if (single.zeroTerminalSnr()) {
            config.put("rescale_betas_zero_snr", true);
        }
        if (family == Family.SD2 && type.equals("v_prediction")) {
            // The published models for v were trained on 768 pixels, those for the noise on 512.
            ((ObjectNode) files.config("unet")).put("sample_size", 96);
        }
        return config;
    }

    /** SD2 does not say what it predicts; the models for v have larger biases in the last transformer. */
    private static boolean looksLikeV(CheckpointFiles files) {
        String name = "up_blocks.3.attentions.2.transformer_blocks.0.norm1.bias";
        if (files.family() != Family.SD2
                || !files.has("unet")
                || !files.weights("unet").keys().contains(name)) {
            return false;
        }
        if (files.config("unet").path("in_channels").asInt() != 4) {
            return false;
        }
        return Scopes.within(() -> {
            double[] bias = Ops.doubles(files.tensor("unet", name));
            double mean = Arrays.stream(bias).average().orElse(0);
            double variance = Arrays.stream(bias)
                    .map(b -> (b - mean) * (b - mean))
                    .average()
                    .orElse(0);
            return Math.sqrt(variance) > V_BIAS;
        });
    }
}
