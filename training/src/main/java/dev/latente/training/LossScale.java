package dev.latente.training;

/**
 * The factor by which a loss in fp16 is enlarged so that small gradients survive (Micikevicius et al. 2018, section 3.2): it
 * doubles after 2,000 steps without an overflow and halves at each overflow, whose step is left out.
 */
final class LossScale {
    private static final int PATIENCE = 2000;

    private double scale;
    private int good;

    LossScale(double scale, int good) {
        this.scale = scale;
        this.good = good;
    }

    static LossScale start() {
        return new LossScale(65536, 0);
    }

    double scale() {
        return scale;
    }

    int good() {
        return good;
    }

    /** Takes note of a step; says whether its gradients can be used. */
    boolean accept(boolean finite) {
        if (!finite) {
            scale = Math.max(1, scale / 2);
            good = 0;
        } else if (++good == PATIENCE) {
            scale *= 2;
            good = 0;
        }
        return finite;
    }
}
