package dev.latente.diffusion;

import java.util.Map;
import java.util.function.Function;

/** The schedulers by the class names of {@code scheduler_config.json}. */
public final class Schedulers {
    private static final Map<String, Function<SchedulerConfig, Scheduler>> CLASSES =
            Map.ofEntries(Map.entry("EulerDiscreteScheduler", Euler::new));

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
