package dev.latente.diffusion;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.DoublePredicate;

/**
 * How many steps a run takes, or which.
 *
 * @param count number of steps; of a custom list, its length
 * @param timesteps custom timesteps, descending; empty for those of the scheduler
 * @param sigmas custom sigmas, descending; empty for those of the scheduler; whether the final one is part of the list is up to the scheduler
 * @param mu logarithm of the shift of a dynamically shifted flow schedule
 * @param teacher the schedule of which a distilled model takes its steps
 * @param cut the part of the schedule that is run
 */
public record Steps(
        int count, List<Double> timesteps, List<Double> sigmas, OptionalDouble mu, Teacher teacher, Cut cut) {
    public Steps {
        if (count < 1) {
            throw new IllegalArgumentException("steps: got [%d], wanted at least 1".formatted(count));
        }
        timesteps = List.copyOf(timesteps);
        sigmas = List.copyOf(sigmas);
    }

    public static Steps of(int count) {
        return of(count, List.of(), List.of());
    }

    public static Steps timesteps(double... timesteps) {
        return of(timesteps.length, Arrays.stream(timesteps).boxed().toList(), List.of());
    }

    public static Steps sigmas(double... sigmas) {
        return of(sigmas.length, List.of(), Arrays.stream(sigmas).boxed().toList());
    }

    private static Steps of(int count, List<Double> timesteps, List<Double> sigmas) {
        return new Steps(count, timesteps, sigmas, OptionalDouble.empty(), Teacher.CONFIGURED, Cut.NONE);
    }

    /** Image to image: 1 runs everything, 0.3 the last 30 percent of the steps, rounded down. */
    public Steps withStrength(double strength) {
        Cut.check("strength", strength);
        return withFirst(count - (int) (count * strength));
    }

    /** As {@link #withStrength}, rounded up, as the reference's pipelines of rectified flows do. */
    public Steps withStrengthRoundedUp(double strength) {
        Cut.check("strength", strength);
        return withFirst((int) (count - count * strength));
    }

    /** Starts at that step, counted from 0. */
    public Steps withFirst(int step) {
        return with(new Cut(step, cut.denoisingStart, cut.denoisingEnd));
    }

    /** Refiner: starts at this fraction of the noise schedule; strength is then without meaning. */
    public Steps withDenoisingStart(double fraction) {
        return with(new Cut(cut.first, fraction, cut.denoisingEnd));
    }

    /** Hand-over to a refiner: stops at this fraction of the noise schedule. */
    public Steps withDenoisingEnd(double fraction) {
        return with(new Cut(cut.first, cut.denoisingStart, fraction));
    }

    /** The same run over these timesteps; what is cut off keeps its place. */
    Steps withTimesteps(double... timesteps) {
        return new Steps(timesteps.length, timesteps(timesteps).timesteps, List.of(), mu, teacher, cut);
    }

    /** The same run over these noise levels, the final one included. */
    Steps withSigmas(double... sigmas) {
        return new Steps(sigmas.length - 1, List.of(), sigmas(sigmas).sigmas, mu, teacher, cut);
    }

    public Steps withMu(double mu) {
        return new Steps(count, timesteps, sigmas, OptionalDouble.of(mu), teacher, cut);
    }

    public Steps withOriginalSteps(int originalSteps) {
        return with(new Teacher(OptionalInt.of(originalSteps), teacher.strength));
    }

    /** Image to image with a consistency model: all steps are run, but taken from the last part of the teacher's. */
    public Steps withOriginalStrength(double strength) {
        Cut.check("strength", strength);
        return with(new Teacher(teacher.steps, strength));
    }

    private Steps with(Teacher other) {
        return new Steps(count, timesteps, sigmas, mu, other, cut);
    }

    private Steps with(Cut cut) {
        return new Steps(count, timesteps, sigmas, mu, teacher, cut);
    }

    /**
     * The calls that are run.
     *
     * @param timesteps one for each model call of the uncut schedule
     * @param order model calls for each step (2 for Heun's method)
     */
    Range range(double[] timesteps, int order, int trainTimesteps) {
        int begin = cut.first * order;
        if (cut.denoisingStart > 0) {
            double cutoff = Math.rint(trainTimesteps - cut.denoisingStart * trainTimesteps);
            int left = count(timesteps, 0, t -> t < cutoff);
            begin = timesteps.length - left - (order == 2 && left % 2 == 0 ? 1 : 0);
        }
        int end = timesteps.length;
        if (cut.denoisingEnd < 1) {
            double cutoff = Math.rint(trainTimesteps - cut.denoisingEnd * trainTimesteps);
            end = begin + count(timesteps, begin, t -> t >= cutoff);
        }
        return new Range(begin, end);
    }

    private static int count(double[] timesteps, int from, DoublePredicate test) {
        return (int)
                Arrays.stream(timesteps, from, timesteps.length).filter(test).count();
    }

    /** The model calls from {@code begin} up to and without {@code end} of the uncut schedule. */
    record Range(int begin, int end) {}

    /**
     * Which steps a distilled model may take.
     *
     * @param steps of its teacher, or nothing for the configured number
     * @param strength the part of them, from the cleanest on
     */
    public record Teacher(OptionalInt steps, double strength) {
        static final Teacher CONFIGURED = new Teacher(OptionalInt.empty(), 1);
    }

    /**
     * Which part of the schedule is run.
     *
     * @param first the step to start at, counted from 0
     * @param denoisingStart fraction of the training timesteps to start at, from 0 for pure noise; goes before {@code first}
     * @param denoisingEnd fraction of the training timesteps to stop at, up to 1 for the finished picture
     */
    public record Cut(int first, double denoisingStart, double denoisingEnd) {
        static final Cut NONE = new Cut(0, 0, 1);

        public Cut {
            check("denoisingStart", denoisingStart);
            check("denoisingEnd", denoisingEnd);
        }

        private static void check(String what, double value) {
            if (!(value >= 0 && value <= 1)) {
                throw new IllegalArgumentException("%s: got [%s], wanted 0 to 1".formatted(what, value));
            }
        }
    }
}
