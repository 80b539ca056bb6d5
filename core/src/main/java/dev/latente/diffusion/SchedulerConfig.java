package dev.latente.diffusion;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a scheduler, as in diffusers' {@code scheduler_config.json}: what is given, over the defaults of the
 * class. Settings that the class does not have are carried along, so that {@link #withClass} gives them to one that has.
 * The arguments of a step ({@code eta}, {@code s_churn}, …) are settings too.
 *
 * @param className such as {@code EulerDiscreteScheduler}
 * @param given the settings that differ from the defaults, by their JSON names; numbers, booleans, strings, lists of numbers
 */
public record SchedulerConfig(String className, Map<String, Object> given) {
    private static final Map<String, Object> DEFAULTS = Map.ofEntries(
            Map.entry("algorithm_type", "dpmsolver++"),
            Map.entry("base_image_seq_len", 256),
            Map.entry("base_shift", 0.5),
            Map.entry("beta_end", 0.02),
            Map.entry("beta_schedule", "linear"),
            Map.entry("beta_start", 0.0001),
            Map.entry("clip_sample", false),
            Map.entry("clip_sample_range", 1.0),
            Map.entry("corrector_order", 2),
            Map.entry("disable_corrector", List.of()),
            Map.entry("dynamic_thresholding_ratio", 0.995),
            Map.entry("eta", 0.0),
            Map.entry("euler_at_final", false),
            Map.entry("final_sigmas_type", "zero"),
            Map.entry("flow_shift", 1.0),
            Map.entry("flow_spacing", "linspace"),
            Map.entry("interpolation_type", "linear"),
            Map.entry("invert_sigmas", false),
            Map.entry("lambda_min_clipped", Double.NEGATIVE_INFINITY),
            Map.entry("lower_order_final", true),
            Map.entry("max_image_seq_len", 4096),
            Map.entry("max_shift", 1.15),
            Map.entry("num_train_timesteps", 1000),
            Map.entry("order", 4),
            Map.entry("original_inference_steps", 50),
            Map.entry("predict_x0", true),
            Map.entry("prediction_type", "epsilon"),
            Map.entry("predictor_order", 2),
            Map.entry("rescale_betas_zero_snr", false),
            Map.entry("rho", 7.0),
            Map.entry("s_churn", 0.0),
            Map.entry("s_noise", 1.0),
            Map.entry("s_tmax", Double.POSITIVE_INFINITY),
            Map.entry("s_tmin", 0.0),
            Map.entry("sample_max_value", 1.0),
            Map.entry("set_alpha_to_one", true),
            Map.entry("shift", 1.0),
            Map.entry("sigma_data", 0.5),
            Map.entry("sigma_schedule", "karras"),
            Map.entry("skip_prk_steps", false),
            Map.entry("solver_order", 2),
            Map.entry("solver_type", "midpoint"),
            Map.entry("steps_offset", 0),
            Map.entry("stochastic_sampling", false),
            Map.entry("thresholding", false),
            Map.entry("time_shift_type", "exponential"),
            Map.entry("timestep_scaling", 10.0),
            Map.entry("timestep_spacing", "linspace"),
            Map.entry("timestep_type", "discrete"),
            Map.entry("upscale_mode", "bicubic"),
            Map.entry("use_beta_sigmas", false),
            Map.entry("use_clipped_model_output", false),
            Map.entry("use_dynamic_shifting", false),
            Map.entry("use_exponential_sigmas", false),
            Map.entry("use_flow_sigmas", false),
            Map.entry("use_karras_sigmas", false),
            Map.entry("use_lu_lambdas", false));

    private static final Map<String, Object> LATENT_BETAS = Map.of("beta_start", 0.00085, "beta_end", 0.012);
    private static final Map<String, Object> EDM = Map.of("sigma_min", 0.002, "sigma_max", 80.0);
    private static final Map<String, Object> CONSISTENCY = Map.of(
            "beta_start", 0.00085, "beta_end", 0.012, "beta_schedule", "scaled_linear", "timestep_spacing", "leading");

    private static final Map<String, Map<String, Object>> CLASS_DEFAULTS = Map.ofEntries(
            Map.entry("HeunDiscreteScheduler", LATENT_BETAS),
            Map.entry("KDPM2DiscreteScheduler", LATENT_BETAS),
            Map.entry("KDPM2AncestralDiscreteScheduler", LATENT_BETAS),
            Map.entry("DPMPP3MSDEScheduler", Map.of("eta", 1.0)),
            Map.entry("DPMSolverSDEScheduler", LATENT_BETAS),
            Map.entry("EDMEulerScheduler", EDM),
            Map.entry("EDMDPMSolverMultistepScheduler", EDM),
            Map.entry("LCMScheduler", CONSISTENCY),
            Map.entry("TCDScheduler", with(CONSISTENCY, "eta", 0.3)),
            Map.entry("DDIMScheduler", Map.of("clip_sample", true, "timestep_spacing", "leading")),
            Map.entry("DDIMInverseScheduler", Map.of("clip_sample", true, "timestep_spacing", "leading")),
            Map.entry(
                    "DDPMScheduler",
                    Map.of("clip_sample", true, "timestep_spacing", "leading", "variance_type", "fixed_small")),
            Map.entry("PNDMScheduler", Map.of("set_alpha_to_one", false, "timestep_spacing", "leading")),
            Map.entry("DPMSolverSinglestepScheduler", Map.of("lower_order_final", false)),
            Map.entry("DEISMultistepScheduler", Map.of("algorithm_type", "deis", "solver_type", "logrho")),
            Map.entry("UniPCMultistepScheduler", Map.of("solver_type", "bh2")),
            Map.entry("SASolverScheduler", Map.of("algorithm_type", "data_prediction")));

    public SchedulerConfig {
        given = Map.copyOf(given);
    }

    /**
     * Reads the members of a {@code scheduler_config.json}; nulls count as not given.
     *
     * @throws IllegalArgumentException if there is no {@code _class_name}
     */
    public static SchedulerConfig of(Map<String, ?> json) {
        if (!(json.get("_class_name") instanceof String className)) {
            throw new IllegalArgumentException(
                    "scheduler_config.json: _class_name: got [%s], wanted a name".formatted(json.get("_class_name")));
        }
        Map<String, Object> given = new HashMap<>(json);
        given.keySet().removeIf(k -> k.startsWith("_"));
        given.values().removeIf(v -> v == null);
        return new SchedulerConfig(className, given);
    }

    /** Another sampler, with the settings of this one. */
    public SchedulerConfig withClass(String className) {
        return new SchedulerConfig(className, given);
    }

    public SchedulerConfig with(String key, Object value) {
        return new SchedulerConfig(className, with(given, key, value));
    }

    public boolean has(String key) {
        return value(key) != null;
    }

    public boolean flag(String key) {
        return get(key, Boolean.class);
    }

    public int integer(String key) {
        return get(key, Number.class).intValue();
    }

    public double number(String key) {
        return get(key, Number.class).doubleValue();
    }

    /** A number that may be absent, such as {@code sigma_min}. */
    public OptionalDouble optional(String key) {
        return has(key) ? OptionalDouble.of(number(key)) : OptionalDouble.empty();
    }

    public String text(String key) {
        return get(key, String.class);
    }

    public double[] numbers(String key) {
        List<?> list = get(key, List.class);
        return list.stream().mapToDouble(n -> ((Number) n).doubleValue()).toArray();
    }

    /** The logarithm of the shift that {@code use_dynamic_shifting} gives to a picture of so many tokens, for {@link Steps#withMu}. */
    public double mu(int imageTokens) {
        int base = integer("base_image_seq_len");
        double slope = (number("max_shift") - number("base_shift")) / (integer("max_image_seq_len") - base);
        return number("base_shift") + slope * (imageTokens - base);
    }

    /** The error for a setting that is not one of its values. */
    IllegalArgumentException unknown(String key, Object... wanted) {
        return new IllegalArgumentException(
                "%s: %s: got [%s], wanted one of %s".formatted(className, key, value(key), List.of(wanted)));
    }

    private <T> T get(String key, Class<T> type) {
        Object value = value(key);
        if (!type.isInstance(value)) {
            throw new IllegalArgumentException("%s: %s: got [%s], wanted a %s"
                    .formatted(className, key, value, type.getSimpleName().toLowerCase(Locale.ROOT)));
        }
        return type.cast(value);
    }

    private @Nullable Object value(String key) {
        Object value = given.get(key);
        if (value == null) {
            value = CLASS_DEFAULTS.getOrDefault(className, Map.of()).get(key);
        }
        return value != null ? value : DEFAULTS.get(key);
    }

    private static Map<String, Object> with(Map<String, Object> settings, String key, Object value) {
        Map<String, Object> changed = new HashMap<>(settings);
        changed.put(key, value);
        return Map.copyOf(changed);
    }
}
