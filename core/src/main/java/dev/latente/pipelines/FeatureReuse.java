package dev.latente.pipelines;

import java.util.function.DoubleSupplier;

/**
 * Which model calls of a run compute the whole U-Net. The others compute its finest layers alone, and take what stands below
 * them from the last whole call (DeepCache, Ma et al. 2023). Calls are counted, not steps: a sampler of second order makes two
 * for each of its steps.
 *
 * <p>A call is whole, whatever the rule says, if it is the first, if the prompt changes there, if guidance begins or ends, or
 * if a ControlNet does. What a ControlNet adds is reused, too.
 */
public sealed interface FeatureReuse {
    /**
     * The number of the skip below which features are reused: 0 for what the first convolution makes, then 1 for each layer
     * and each halving. The smaller, the more is saved.
     */
    int branch();

    /**
     * Whether a call computes the whole U-Net.
     *
     * @param call from 0
     * @param calls of the run
     * @param change of the first layer's residual since the last whole call, relative to it; computed when it is asked for
     */
    boolean whole(int call, int calls, DoubleSupplier change);

    /** Every so many calls one is whole; 1 reuses nothing. */
    static FeatureReuse every(int interval) {
        return new Scheduled(interval, 0, 1, 0);
    }

    /** A call is whole when the first layer's residual has changed by more than this share since the last one. */
    static FeatureReuse whenChanged(double threshold) {
        return new FirstBlock(threshold, 1);
    }

    /** The same rule at another skip. */
    FeatureReuse withBranch(int value);

    /**
     * One whole call for each {@code interval} calls, at even distances with {@code power} 1, else the denser the nearer they
     * are to {@code center} (Ma et al. 2023, section 3.3).
     *
     * @param center fraction of the run
     * @param power 1 to 5, by which distances grow away from the centre
     */
    record Scheduled(int interval, double center, double power, int branch) implements FeatureReuse {
        public Scheduled {
            check(interval >= 1, "interval", interval, "at least 1");
            check(center >= 0 && center <= 1, "center", center, "a fraction of the run");
            check(power >= 1 && power <= 5, "power", power, "1 to 5");
            check(branch >= 0, "branch", branch, "at least 0");
        }

        /** The same number of whole calls, denser near a fraction of the run. */
        public Scheduled around(double fraction, double by) {
            return new Scheduled(interval, fraction, by, branch);
        }

        @Override
        public FeatureReuse withBranch(int value) {
            return new Scheduled(interval, center, power, value);
        }

        @Override
        public boolean whole(int call, int calls, DoubleSupplier change) {
            int count = (calls + interval - 1) / interval;
            int last = -1;
            for (int i = 0; i < count && last < call; i++) {
                // Not two at the same call, and a call left for each that follows.
                last = Math.min(Math.max(last + 1, place(i, count)), calls - count + i);
            }
            return last == call;
        }

        /** Where the whole call number i would be without regard to the others. */
        private int place(int i, int count) {
            double span = (double) count * interval;
            double middle = center * span;
            double low = -Math.pow(middle, 1 / power);
            double high = Math.pow(span - middle, 1 / power);
            double x = low + (high - low) * i / count;
            return (int) Math.rint(Math.copySign(Math.pow(Math.abs(x), power), x) + middle);
        }
    }

    /**
     * A whole call when what the first layer adds to its input has changed by more than {@code threshold}, relative to the
     * last whole call, in the mean of absolute values. In a batch the picture that changed most decides for all.
     *
     * @param threshold 0 and more; 0.1 is little
     */
    record FirstBlock(double threshold, int branch) implements FeatureReuse {
        public FirstBlock {
            check(threshold >= 0, "threshold", threshold, "at least 0");
            check(branch >= 1, "branch", branch, "at least 1 with a threshold, to see the first layer");
        }

        @Override
        public FeatureReuse withBranch(int value) {
            return new FirstBlock(threshold, value);
        }

        @Override
        public boolean whole(int call, int calls, DoubleSupplier change) {
            return !(change.getAsDouble() <= threshold);
        }
    }

    private static void check(boolean right, String what, Object got, String wanted) {
        if (!right) {
            throw new IllegalArgumentException("feature reuse: %s: got [%s], wanted %s".formatted(what, got, wanted));
        }
    }
}
