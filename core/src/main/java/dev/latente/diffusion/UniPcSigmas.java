package dev.latente.diffusion;

import java.util.Arrays;

/** The sigmas of UniPC, which has its own flow schedule. */
final class UniPcSigmas {
    private UniPcSigmas() {}

    /** None if they follow from the timesteps. */
    static double[] of(SchedulerConfig config, Steps steps) {
        if (!config.flag("use_flow_sigmas")) {
            return SolverSchedule.rescaled(config, steps);
        }
        if (config.flag("use_karras_sigmas")) {
            return Arrays.stream(SolverSchedule.rescaled(config, steps))
                    .map(s -> s / (s + 1))
                    .toArray();
        }
        return flow(config, steps);
    }

    /** Evenly spaced or custom sigmas, shifted towards the noise and stretched to a last one (Esser et al. 2024, section 5.3.2). */
    private static double[] flow(SchedulerConfig config, Steps steps) {
        int n = steps.count();
        double[] even = Spacing.linspace(1, 1.0 / config.integer("num_train_timesteps"), n + 1);
        double[] sigmas = steps.sigmas().isEmpty()
                ? Arrays.copyOf(even, n)
                : steps.sigmas().stream().mapToDouble(s -> s).toArray();
        double shift = shift(config, steps);
        sigmas = Arrays.stream(sigmas)
                .map(s -> shift * s / (1 + (shift - 1) * s))
                .toArray();
        double terminal = config.optional("shift_terminal").orElse(0);
        if (terminal != 0) {
            double scale = (1 - sigmas[n - 1]) / (1 - terminal);
            sigmas = Arrays.stream(sigmas).map(s -> 1 - (1 - s) / scale).toArray();
        }
        // At σ = 1 nothing of the picture is left and λ is infinite.
        if (Math.abs(sigmas[0] - 1) < 1e-6) {
            sigmas[0] -= 1e-6;
        }
        return sigmas;
    }

    private static double shift(SchedulerConfig config, Steps steps) {
        if (!config.flag("use_dynamic_shifting")) {
            return config.number("flow_shift");
        }
        double mu = steps.mu()
                .orElseThrow(() -> new IllegalArgumentException(
                        "use_dynamic_shifting: got steps without mu, wanted Steps.withMu"));
        return switch (config.text("time_shift_type")) {
            case "exponential" -> Math.exp(mu);
            case "linear" -> mu;
            default -> throw config.unknown("time_shift_type", "exponential", "linear");
        };
    }
}
