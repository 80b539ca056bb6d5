package dev.latente.diffusion;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Samplers by the names that k-diffusion and the user interfaces have for them: {@code dpmpp_2m}, "DPM++ 2M Karras", "Euler a". */
public final class Samplers {
    /** A scheduler class and the settings that make it that sampler. */
    private record Sampler(String className, Map<String, Object> settings) {}

    private static final Map<String, Sampler> SAMPLERS = new TreeMap<>(Map.ofEntries(
            sampler("ddim", "DDIMScheduler"),
            sampler("ddpm", "DDPMScheduler"),
            sampler("deis", "DEISMultistepScheduler"),
            sampler("dpm2", "KDPM2DiscreteScheduler"),
            sampler("dpm2_a", "KDPM2AncestralDiscreteScheduler"),
            sampler("dpmpp_2m", "DPMSolverMultistepScheduler", "algorithm_type", "dpmsolver++"),
            sampler("dpmpp_2m_sde", "DPMSolverMultistepScheduler", "algorithm_type", "sde-dpmsolver++"),
            sampler(
                    "dpmpp_2m_sde_heun",
                    "DPMSolverMultistepScheduler",
                    "algorithm_type",
                    "sde-dpmsolver++",
                    "solver_type",
                    "heun"),
            sampler("dpmpp_2s", "DPMSolverSinglestepScheduler", "algorithm_type", "dpmsolver++"),
            sampler("dpmpp_2s_a", "DPMPP2SAncestralScheduler"),
            sampler("dpmpp_3m", "DPMSolverMultistepScheduler", "algorithm_type", "dpmsolver++", "solver_order", 3),
            sampler("dpmpp_3m_sde", "DPMPP3MSDEScheduler"),
            sampler("dpmpp_sde", "DPMSolverSDEScheduler"),
            sampler("edm_dpm", "EDMDPMSolverMultistepScheduler"),
            sampler("edm_euler", "EDMEulerScheduler"),
            sampler("euler", "EulerDiscreteScheduler"),
            sampler("euler_a", "EulerAncestralDiscreteScheduler"),
            sampler("heun", "HeunDiscreteScheduler"),
            sampler("ipndm", "IPNDMScheduler"),
            sampler("lcm", "LCMScheduler"),
            sampler("lms", "LMSDiscreteScheduler"),
            sampler("pndm", "PNDMScheduler", "skip_prk_steps", true),
            sampler("sa", "SASolverScheduler"),
            sampler("tcd", "TCDScheduler"),
            sampler("unipc", "UniPCMultistepScheduler")));

    private static final Map<String, String> ALIASES = Map.of(
            "dpm_2", "dpm2",
            "dpm_2_a", "dpm2_a",
            "plms", "pndm",
            "sa_solver", "sa",
            "uni_pc", "unipc",
            "uni_pc_bh2", "unipc");

    /** The samplers that a rectified flow has a class of its own for. */
    private static final Map<String, String> FLOW = Map.of(
            "euler", "FlowMatchEulerDiscreteScheduler",
            "heun", "FlowMatchHeunDiscreteScheduler",
            "lcm", "FlowMatchLCMScheduler");

    /** The samplers that can be told that the model is a rectified flow. */
    private static final List<String> FLOW_SIGMAS =
            List.of("deis", "dpmpp_2m", "dpmpp_2m_sde", "dpmpp_2m_sde_heun", "dpmpp_2s", "dpmpp_3m", "sa", "unipc");

    private static final Map<String, String> EDM =
            Map.of("euler", "EDMEulerScheduler", "dpmpp_2m", "EDMDPMSolverMultistepScheduler");

    private Samplers() {}

    /** The names, in snake case, sorted. */
    public static List<String> names() {
        return List.copyOf(SAMPLERS.keySet());
    }

    /**
     * The sampler of that name for a checkpoint; a name that ends in a schedule, as in "DPM++ 2M Karras", has that schedule.
     *
     * @param checkpoint the checkpoint's own configuration, of which the settings carry over
     * @throws IllegalArgumentException if there is no sampler of that name, or it does not fit the kind of model
     */
    public static Scheduler of(String name, SchedulerConfig checkpoint) {
        String canonical = canonical(name);
        for (Schedule schedule : Schedule.values()) {
            String suffix = "_" + schedule.name().toLowerCase(Locale.ROOT);
            if (canonical.endsWith(suffix) && !SAMPLERS.containsKey(canonical)) {
                String sampler = canonical.substring(0, canonical.length() - suffix.length());
                return schedule.over(config(sampler, checkpoint));
            }
        }
        return Schedulers.of(config(name, checkpoint));
    }

    /** The same, over a schedule of the caller's choice. */
    public static Scheduler of(String name, Schedule schedule, SchedulerConfig checkpoint) {
        return schedule.over(config(name, checkpoint));
    }

    /** The configuration that makes the checkpoint's scheduler that sampler. */
    static SchedulerConfig config(String name, SchedulerConfig checkpoint) {
        String canonical = canonical(name);
        String key = ALIASES.getOrDefault(canonical, canonical);
        Sampler sampler = SAMPLERS.get(key);
        if (sampler == null) {
            throw new IllegalArgumentException("sampler: got [%s], wanted one of %s".formatted(name, names()));
        }
        SchedulerConfig config = checkpoint.withClass(sampler.className());
        for (var setting : sampler.settings().entrySet()) {
            config = config.with(setting.getKey(), setting.getValue());
        }
        if (checkpoint.className().startsWith("FlowMatch")) {
            return flow(key, config, checkpoint);
        }
        return checkpoint.className().startsWith("EDM") ? config.withClass(only(EDM, key, "EDM")) : config;
    }

    private static SchedulerConfig flow(String key, SchedulerConfig config, SchedulerConfig checkpoint) {
        return FLOW_SIGMAS.contains(key)
                ? config.with("use_flow_sigmas", true)
                        .with("prediction_type", "flow_prediction")
                        .with("flow_shift", checkpoint.number("shift"))
                : config.withClass(only(FLOW, key, "rectified flow"));
    }

    private static String only(Map<String, String> classes, String key, String kind) {
        String className = classes.get(key);
        if (className == null) {
            throw new IllegalArgumentException("sampler: got [%s] for a model of kind [%s], wanted one of %s"
                    .formatted(key, kind, classes.keySet().stream().sorted().toList()));
        }
        return className;
    }

    /** "DPM++ 2M Karras" is {@code dpmpp_2m_karras}, {@code euler_ancestral} is {@code euler_a}. */
    private static String canonical(String name) {
        String snake = name.strip().toLowerCase(Locale.ROOT).replace("++", "pp").replaceAll("[ -]+", "_");
        return snake.replaceFirst("^(k|sample)_", "").replace("_ancestral", "_a");
    }

    private static Map.Entry<String, Sampler> sampler(String name, String className, Object... settings) {
        Map<String, Object> map = new TreeMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            map.put((String) settings[i], settings[i + 1]);
        }
        return Map.entry(name, new Sampler(className, Map.copyOf(map)));
    }
}
