package dev.latente.training.report;

/** An exponential moving average that is right from the first value on (Kingma and Ba 2015, section 3). */
final class Smoothed {
    private final double decay;
    private double sum;
    private double weight;

    /** An average over about so many values. */
    Smoothed(double values) {
        decay = 1 - 1 / Math.max(1, values);
    }

    /** The average, with that value. One that is not finite is left out. */
    double add(double value) {
        if (Double.isFinite(value)) {
            sum = decay * sum + (1 - decay) * value;
            weight = decay * weight + (1 - decay);
        }
        return weight == 0 ? value : sum / weight;
    }
}
