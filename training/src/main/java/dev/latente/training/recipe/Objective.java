package dev.latente.training.recipe;

import dev.latente.diffusion.NoiseSchedule;
import dev.latente.diffusion.Prediction;
import dev.latente.diffusion.SchedulerConfig;
import dev.latente.training.tasks.DiffusionTask;
import dev.latente.training.tasks.DiffusionTask.TimestepSampling;
import dev.latente.weights.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a diffusion model is asked to predict, and at which noise.
 *
 * @param scheduler what {@code scheduler_config.json} says
 */
record Objective(DiffusionTask.Config task, ObjectNode scheduler) {
    private static final Map<String, String> PREDICTIONS =
            Map.of("epsilon", "epsilon", "v_prediction", "v_prediction", "sample", "sample");

    private static final Map<String, String> BETAS =
            Map.of("scaled_linear", "scaled_linear", "linear", "linear", "squaredcos_cap_v2", "squaredcos_cap_v2");

    private static final Map<String, TimestepSampling> TIMESTEPS =
            Map.of("uniform", TimestepSampling.UNIFORM, "logit_normal", TimestepSampling.LOGIT_NORMAL);

    static Objective of(Section root) {
        Section s = root.section("objective");
        boolean zeroSnr = s.flag("zero_terminal_snr", false);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("_class_name", "DDIMScheduler");
        json.put("num_train_timesteps", 1000);
        json.put("beta_schedule", s.choice("beta_schedule", BETAS, "scaled_linear"));
        json.put("beta_start", s.number("beta_start", 0.00085));
        json.put("beta_end", s.number("beta_end", 0.012));
        json.put("prediction_type", s.choice("prediction", PREDICTIONS, "epsilon"));
        json.put("rescale_betas_zero_snr", zeroSnr);
        // Without "trailing" a run would not begin at the noisiest step (Lin et al. 2024, section 3.3).
        json.put("timestep_spacing", zeroSnr ? "trailing" : "leading");
        json.put("steps_offset", 1);
        json.put("clip_sample", false);
        json.put("set_alpha_to_one", false);
        if (zeroSnr && "epsilon".equals(json.get("prediction_type"))) {
            throw s.error("zero_terminal_snr", "pure noise tells nothing of itself: use prediction: v_prediction");
        }
        Prediction prediction = Prediction.of(SchedulerConfig.of(json));
        DiffusionTask.Config task = weights(s, prediction, DiffusionTask.Config.DEFAULT.captionDropout());
        return new Objective(task, (ObjectNode) Json.parse(Json.text(json)));
    }

    /** What counts in a loss. */
    static DiffusionTask.Config weights(Section s, Prediction prediction, double captionDropout) {
        return new DiffusionTask.Config(
                prediction,
                s.number("min_snr_gamma", 0),
                s.number("noise_offset", 0),
                s.number("input_perturbation", 0),
                s.number("caption_dropout", captionDropout),
                0,
                s.choice("timestep_sampling", TIMESTEPS, TimestepSampling.UNIFORM));
    }

    NoiseSchedule schedule() {
        return NoiseSchedule.of(SchedulerConfig.of(Json.members(scheduler)));
    }
}
