package dev.latente.diffusion;

import java.util.Map;
import java.util.function.Function;

/** The schedulers by the class names of {@code scheduler_config.json}. */
public final class Schedulers {
    private static final Map<String, Function<SchedulerConfig, Scheduler>> CLASSES = Map.ofEntries(
            Map.entry("EulerDiscreteScheduler", Euler::new),
            Map.entry("EulerAncestralDiscreteScheduler", EulerAncestral::new),
            Map.entry("HeunDiscreteScheduler", Heun::new),
            Map.entry("KDPM2DiscreteScheduler", c -> new Dpm2(c, false)),
            Map.entry("KDPM2AncestralDiscreteScheduler", c -> new Dpm2(c, true)),
            Map.entry("LMSDiscreteScheduler", LinearMultistep::new),
            Map.entry("EDMEulerScheduler", EdmEuler::new),
            Map.entry("IPNDMScheduler", Ipndm::new),
            Map.entry("FlowMatchEulerDiscreteScheduler", FlowEuler::new),
            Map.entry("FlowMatchHeunDiscreteScheduler", FlowHeun::new),
            Map.entry("FlowMatchLCMScheduler", FlowLcm::new));

    private Schedulers() {}

    /**
     * The scheduler that the configuration describes.
     *
     * @throws IllegalArgumentException if there is none of that class, or a setting is not one of its values
     */
    public static Scheduler of(SchedulerConfig config) {
        var constructor = CLASSES.get(config.className());
        if (constructor == null) {
            throw new IllegalArgumentException("_class_name: got [%s], wanted one of %s"
                    .formatted(
                            config.className(),
                            CLASSES.keySet().stream().sorted().toList()));
        }
        return constructor.apply(config);
    }

    public static boolean supports(String className) {
        return CLASSES.containsKey(className);
    }
}
