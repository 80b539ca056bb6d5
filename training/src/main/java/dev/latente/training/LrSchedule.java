package dev.latente.training;

import java.util.Locale;
import java.util.NavigableMap;
import java.util.TreeMap;

/** The learning rate of each step, as a factor of the base rate; the schedules and names of diffusers' {@code get_scheduler}. */
@FunctionalInterface
public interface LrSchedule {
    /** The end of a polynomial decay. */
    double POLYNOMIAL_END = 1e-7;

    /** The learning rate of a step, counted from 0. */
    double at(long step, double base);

    static LrSchedule constant() {
        return (step, base) -> base;
    }

    /** Rises from 0 over the first {@code warmup} steps, then goes on as {@code then} does. */
    static LrSchedule warmup(long warmup, LrSchedule then) {
        return (step, base) -> step < warmup ? base * ((double) step / Math.max(1, warmup)) : then.at(step, base);
    }

    /** Falls to 0 at {@code steps}. */
    static LrSchedule linear(long warmup, long steps) {
        return warmup(
                warmup, (step, base) -> base * Math.max(0, (double) (steps - step) / Math.max(1, steps - warmup)));
    }

    /** A cosine of {@code cycles} periods; half of one falls to 0 (Loshchilov and Hutter 2017). */
    static LrSchedule cosine(long warmup, long steps, double cycles) {
        return warmup(
                warmup,
                (step, base) ->
                        base * Math.max(0, 0.5 * (1 + Math.cos(Math.PI * cycles * 2 * progress(step, warmup, steps)))));
    }

    /** {@code cycles} cosines, each from the base rate to 0 (Loshchilov and Hutter 2017, section 3). */
    static LrSchedule cosineWithRestarts(long warmup, long steps, int cycles) {
        return warmup(warmup, (step, base) -> {
            double progress = progress(step, warmup, steps);
            return progress >= 1 ? 0 : base * Math.max(0, 0.5 * (1 + Math.cos(Math.PI * (cycles * progress % 1))));
        });
    }

    /** Falls from the base rate to 1e-7 as a power of what is left. */
    static LrSchedule polynomial(long warmup, long steps, double power) {
        return warmup(warmup, (step, base) -> {
            if (base <= POLYNOMIAL_END) {
                throw new IllegalArgumentException(
                        "polynomial schedule ends at [%s]: the learning rate [%s] must be larger"
                                .formatted(POLYNOMIAL_END, base));
            }
            double left = step > steps ? 0 : 1 - (double) (step - warmup) / (steps - warmup);
            return (base - POLYNOMIAL_END) * Math.pow(left, power) + POLYNOMIAL_END;
        });
    }

    /**
     * Constant pieces, such as {@code 1:10,0.1:20,0.01}: the factor 1 before step 10, 0.1 before step 20, then 0.01.
     *
     * @param rules in any order, but for the last factor
     * @throws IllegalArgumentException if the rules cannot be read
     */
    static LrSchedule piecewise(String rules) {
        NavigableMap<Double, Double> pieces = new TreeMap<>();
        String[] parts = rules.split(",", -1);
        try {
            for (int i = 0; i < parts.length - 1; i++) {
                String[] rule = parts[i].split(":", -1);
                pieces.put(Double.parseDouble(rule[1].strip()), Double.parseDouble(rule[0].strip()));
            }
            pieces.put(Double.POSITIVE_INFINITY, Double.parseDouble(parts[parts.length - 1].strip()));
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            throw new IllegalArgumentException(
                    "schedule rules: got [%s], wanted such as [1:10,0.1:20,0.01]".formatted(rules), e);
        }
        return (step, base) ->
                base * pieces.tailMap((double) step, false).values().iterator().next();
    }

    /**
     * By its name: constant, constant_with_warmup, linear, cosine, cosine_with_restarts, polynomial.
     *
     * @param cycles of the cosine with restarts
     * @param power of the polynomial
     */
    static LrSchedule of(String name, long warmup, long steps, int cycles, double power) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "constant" -> constant();
            case "constant_with_warmup" -> warmup(warmup, constant());
            case "linear" -> linear(warmup, steps);
            case "cosine" -> cosine(warmup, steps, 0.5);
            case "cosine_with_restarts" -> cosineWithRestarts(warmup, steps, cycles);
            case "polynomial" -> polynomial(warmup, steps, power);
            default ->
                throw new IllegalArgumentException(
                        ("lr_scheduler: got [%s], wanted constant, constant_with_warmup, linear, "
                                        + "cosine, cosine_with_restarts or polynomial")
                                .formatted(name));
        };
    }

    private static double progress(long step, long warmup, long steps) {
        return (double) (step - warmup) / Math.max(1, steps - warmup);
    }
}
