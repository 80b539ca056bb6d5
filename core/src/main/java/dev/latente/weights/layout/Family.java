package dev.latente.weights.layout;

import dev.latente.weights.Json;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The generations of Stable Diffusion, and what their single files do not say of themselves. */
public enum Family {
    SD1("StableDiffusionPipeline", "PNDMScheduler", 64, 0.18215),
    SD2("StableDiffusionPipeline", "DDIMScheduler", 64, 0.18215),
    SDXL("StableDiffusionXLPipeline", "EulerDiscreteScheduler", 128, 0.13025),
    SDXL_REFINER("StableDiffusionXLImg2ImgPipeline", "EulerDiscreteScheduler", 128, 0.13025),
    SD3("StableDiffusion3Pipeline", "FlowMatchEulerDiscreteScheduler", 128, 1.5305),
    SD35("StableDiffusion3Pipeline", "FlowMatchEulerDiscreteScheduler", 128, 1.5305);

    private static final String MMDIT = "SD3Transformer2DModel";

    final String pipeline;
    private final String scheduler;
    final int sampleSize;
    final double scalingFactor;

    Family(String pipeline, String scheduler, int sampleSize, double scalingFactor) {
        this.pipeline = pipeline;
        this.scheduler = scheduler;
        this.sampleSize = sampleSize;
        this.scalingFactor = scalingFactor;
    }

    /**
     * The family of a checkpoint, by the {@code config.json} of its U-Net or transformer, or else of its text encoders.
     *
     * @throws IllegalArgumentException if its transformer is of another kind
     */
    static Family of(Map<String, JsonNode> configs) {
        JsonNode unet = configs.get("unet");
        if (unet != null) {
            return of(unet);
        }
        JsonNode transformer = configs.get("transformer");
        if (transformer != null) {
            String type = transformer.path("_class_name").asString(MMDIT);
            if (!type.equals(MMDIT)) {
                throw new IllegalArgumentException(
                        "transformer: got [%s], wanted [%s]: no pipeline draws with another one"
                                .formatted(type, MMDIT));
            }
            return transformer.hasNonNull("qk_norm") ? SD35 : SD3;
        }
        if (configs.containsKey("text_encoder_3")) {
            return SD3;
        }
        JsonNode text = configs.get("text_encoder");
        if (configs.containsKey("text_encoder_2")) {
            return text == null ? SDXL_REFINER : SDXL;
        }
        return text != null && text.path("hidden_act").asString("").equals("gelu") ? SD2 : SD1;
    }

    /** The family of a U-Net. */
    static Family of(JsonNode unet) {
        if (unet.hasNonNull("addition_embed_type")) {
            JsonNode types = unet.path("down_block_types");
            boolean attends = types.path(types.size() - 1).asString("").startsWith("CrossAttn");
            return attends ? SDXL : SDXL_REFINER;
        }
        return unet.path("use_linear_projection").asBoolean(false) ? SD2 : SD1;
    }

    /** The name of the model that denoises. */
    public String denoiser() {
        return isFlow() ? "transformer" : "unet";
    }

    /** Whether it is a rectified flow, which predicts a velocity. */
    public boolean isFlow() {
        return this == SD3 || this == SD35;
    }

    /** What is subtracted from latents before they are scaled. */
    double shiftFactor() {
        return isFlow() ? 0.0609 : 0;
    }

    /** What {@code scheduler_config.json} says in the family's published folders. */
    JsonNode schedulerConfig(String predictionType) {
        if (isFlow()) {
            ObjectNode config = (ObjectNode) Json.parse("{\"num_train_timesteps\": 1000, \"shift\": 3.0}");
            return config.put("_class_name", scheduler);
        }
        ObjectNode config = (ObjectNode) Json.parse("""
                {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "num_train_timesteps": 1000,
                 "clip_sample": false, "set_alpha_to_one": false, "skip_prk_steps": true, "steps_offset": 1,
                 "timestep_spacing": "leading", "trained_betas": null}
                """);
        config.put("_class_name", scheduler).put("prediction_type", predictionType);
        return config;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
