package dev.latente.training;

/**
 * The factor by which a loss in fp16 is enlarged so that small gradients survive (Micikevicius et al. 2018, section 3.2): it
 * doubles after 2,000 steps without an overflow and halves at each overflow, whose step is left out.
 */
final class LossScale {
    static final long START = 65536;

    private static final int PATIENCE = 2000;

    private double scale;
    private int good;
    private long skipped;

    LossScale(double scale, int good, long skipped) {
        this.scale = scale;
        this.good = good;
        this.skipped = skipped;
    }

    double scale() {
        return scale;
    }

    int good() {
        return good;
    }

    /** Steps that were left out. */
    long skipped() {
        return skipped;
    }

    /** Takes note of a step; says whether its gradients can be used. */
    boolean accept(boolean finite) {
        if (!finite) {
            scale = Math.max(1, scale / 2);
            good = 0;
            skipped++;
        } else if (++good == PATIENCE) {
            scale *= 2;
            good = 0;
        }
        return finite;
    }
}
