package dev.latente.training.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A range of values, and where it is marked.
 *
 * @param low value at 0
 * @param high value at 1
 * @param logarithmic whether equal distances are equal ratios
 */
record Axis(double low, double high, boolean logarithmic) {
    /** From this ratio on, a logarithm shows more. */
    private static final double WIDE = 12;

    /** Step numbers from 0 on. */
    static Axis steps(double last) {
        return new Axis(0, Math.max(1, last), false);
    }

    /** What holds the values, with some air; logarithmic where they are positive and lie far apart. */
    static Axis around(double min, double max) {
        if (min > 0 && max / min > WIDE) {
            return new Axis(min / 1.15, max * 1.15, true);
        }
        double low = min >= 0 && min < 0.5 * max ? 0 : min;
        double air = max > low ? (max - low) * 0.06 : Math.max(Math.abs(max), 1e-9) * 0.1;
        return new Axis(low == 0 ? 0 : low - air, max + air, false);
    }

    /** Where a value lies, 0 to 1. */
    double place(double value) {
        return logarithmic
                ? Math.log(Math.max(value, Double.MIN_NORMAL) / low) / Math.log(high / low)
                : (value - low) / (high - low);
    }

    /** Round values to write beside the axis, about so many. */
    List<Double> marks(int about) {
        return logarithmic ? decades(about) : even(about);
    }

    private List<Double> even(int about) {
        double raw = (high - low) / about;
        double power = Math.pow(10, Math.floor(Math.log10(raw)));
        double step = power * (raw <= power ? 1 : raw <= 2 * power ? 2 : raw <= 5 * power ? 5 : 10);
        List<Double> marks = new ArrayList<>();
        for (long i = (long) Math.ceil(low / step - 1e-9); i * step <= high * (1 + 1e-12); i++) {
            marks.add(i * step);
        }
        return marks;
    }

    private List<Double> decades(int about) {
        boolean many = Math.log10(high / low) > 0.4 * about;
        List<Double> marks = new ArrayList<>();
        for (int e = (int) Math.floor(Math.log10(low)); e <= Math.log10(high); e++) {
            for (double digit : many ? new double[] {1} : new double[] {1, 2, 5}) {
                double value = digit * Math.pow(10, e);
                if (value >= low && value <= high) {
                    marks.add(value);
                }
            }
        }
        return marks;
    }

    /** A value as it is written beside an axis: {@code 250}, {@code 12k}, {@code 0.05}, {@code 1e-05}. */
    static String label(double value) {
        double size = Math.abs(value);
        if (size >= 1000) {
            return trimmed(String.format(Locale.ROOT, "%.3f", value / 1000)) + "k";
        }
        return size == 0 || size >= 1e-3
                ? trimmed(String.format(Locale.ROOT, "%.4f", value))
                : String.format(Locale.ROOT, "%.1e", value).replace(".0e", "e");
    }

    private static String trimmed(String decimals) {
        return decimals.replaceAll("\\.?0+$", "");
    }
}
