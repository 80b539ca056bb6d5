package dev.latente.weights.layout;

import dev.latente.weights.Json;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The generations of Stable Diffusion, Flux.1, and what their single files do not say of themselves. */
public enum Family {
    SD1("StableDiffusionPipeline", "PNDMScheduler", 64, 0.18215),
    SD2("StableDiffusionPipeline", "DDIMScheduler", 64, 0.18215),
    SDXL("StableDiffusionXLPipeline", "EulerDiscreteScheduler", 128, 0.13025),
    SDXL_REFINER("StableDiffusionXLImg2ImgPipeline", "EulerDiscreteScheduler", 128, 0.13025),
    SD3("StableDiffusion3Pipeline", "FlowMatchEulerDiscreteScheduler", 128, 1.5305),
    SD35("StableDiffusion3Pipeline", "FlowMatchEulerDiscreteScheduler", 128, 1.5305),
    FLUX_DEV("FluxPipeline", "FlowMatchEulerDiscreteScheduler", 128, 0.3611),
    FLUX_SCHNELL("FluxPipeline", "FlowMatchEulerDiscreteScheduler", 128, 0.3611);

    private static final String MMDIT = "SD3Transformer2DModel";
    private static final String FLUX = "FluxTransformer2DModel";

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
            return switch (type) {
                case MMDIT -> transformer.hasNonNull("qk_norm") ? SD35 : SD3;
                case FLUX -> transformer.path("guidance_embeds").asBoolean(false) ? FLUX_DEV : FLUX_SCHNELL;
                default ->
                    throw new IllegalArgumentException(
                            "transformer: got [%s], wanted [%s] or [%s]: no pipeline draws with another one"
                                    .formatted(type, MMDIT, FLUX));
            };
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
        return this == SD3 || this == SD35 || isFlux();
    }

    /** Whether it is Flux.1 (Black Forest Labs 2024). */
    public boolean isFlux() {
        return this == FLUX_DEV || this == FLUX_SCHNELL;
    }

    /** What it is called where it is said what an adapter is for, which does not tell versions of one transformer apart. */
    public String ofAdapters() {
        return isFlux() ? "flux" : isFlow() ? SD3.toString() : toString();
    }

    /** What the family's folders call a model or a tokenizer: in those of Flux.1, T5 is the second text encoder. */
    public String folder(String component) {
        return isFlux() ? component.replaceFirst("_3$", "_2") : component;
    }

    /** What is subtracted from latents before they are scaled. */
    double shiftFactor() {
        return isFlux() ? 0.1159 : isFlow() ? 0.0609 : 0;
    }

    /** What {@code scheduler_config.json} says in the family's published folders. */
    JsonNode schedulerConfig(String predictionType) {
        if (isFlow()) {
            ObjectNode config = (ObjectNode) Json.parse("{\"num_train_timesteps\": 1000}");
            config.put("_class_name", scheduler).put("shift", this == FLUX_SCHNELL ? 1.0 : 3.0);
            return isFlux() ? dynamic(config) : config;
        }
        ObjectNode config = (ObjectNode) Json.parse("""
                {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "num_train_timesteps": 1000,
                 "clip_sample": false, "set_alpha_to_one": false, "skip_prk_steps": true, "steps_offset": 1,
                 "timestep_spacing": "leading", "trained_betas": null}
                """);
        config.put("_class_name", scheduler).put("prediction_type", predictionType);
        return config;
    }

    /** Flux.1 dev has its schedule shifted by the size of the picture. */
    private JsonNode dynamic(ObjectNode config) {
        return config.put("use_dynamic_shifting", this == FLUX_DEV)
                .put("base_shift", 0.5)
                .put("max_shift", 1.15)
                .put("base_image_seq_len", 256)
                .put("max_image_seq_len", 4096);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
