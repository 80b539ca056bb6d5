package dev.latente.mundo.evaluation;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** How many of how many. The interval holds the true share with 95 % confidence (Wilson 1927). */
public record Rate(long right, long of) {
    private static final double Z = 1.959964;

    public double share() {
        return of == 0 ? 0 : (double) right / of;
    }

    /** The lower end of the interval. */
    public double low() {
        return of == 0 ? 0 : Math.max(0, middle() - half());
    }

    /** The upper end of the interval. */
    public double high() {
        return of == 0 ? 1 : Math.min(1, middle() + half());
    }

    private double middle() {
        return (share() + Z * Z / (2 * of)) / (1 + Z * Z / of);
    }

    private double half() {
        return Z * Math.sqrt(share() * (1 - share()) / of + Z * Z / (4.0 * of * of)) / (1 + Z * Z / of);
    }

    /** For JSON. */
    Map<String, Object> values() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("right", right);
        values.put("of", of);
        values.put("share", share());
        values.put("low", low());
        values.put("high", high());
        return values;
    }

    /** Percentages: the share, and the interval. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.1f %% (%.1f–%.1f)", 100 * share(), 100 * low(), 100 * high());
    }
}
