package dev.latente.models.vae;

import dev.latente.tensor.DType;
import tools.jackson.databind.JsonNode;

/** Shape of an autoencoder. */
public sealed interface AutoencoderConfig permits VaeConfig, AutoencoderTinyConfig {
    /** Reads a {@code config.json}, which says by its class what it is of: without one, an {@code AutoencoderKL}. */
    static AutoencoderConfig of(JsonNode json) {
        boolean tiny = json.path("_class_name").asString("").equals(AutoencoderTinyConfig.CLASS);
        return tiny ? AutoencoderTinyConfig.of(json) : VaeConfig.of(json);
    }

    /** How many pixels a latent is wide. */
    int factor();

    long latentChannels();

    /** What to load the weights in where {@code wanted} is asked for. */
    DType dtype(DType wanted);
}
