package dev.latente.training;

import dev.latente.tensor.Arena;
import dev.latente.tensor.InPlace;
import org.bytedeco.pytorch.Tensor;

/**
 * Exponential moving average of the weights, as diffusers' {@code EMAModel} reckons it (Polyak and Juditsky 1992; Song and
 * Ermon 2020, section 4.4).
 */
public final class Ema implements AutoCloseable {
    /**
     * How fast the average follows.
     *
     * @param decay the largest decay
     * @param minDecay the smallest one
     * @param updateAfterStep steps during which the average is the weights
     * @param warmup whether the decay rises as 1 - (1 + step/invGamma)^-power, and not as (1 + step)/(10 + step)
     */
    public record Config(
            double decay, double minDecay, long updateAfterStep, boolean warmup, double invGamma, double power) {
        public static final Config DEFAULT = new Config(0.9999, 0, 0, false, 1, 2.0 / 3);

        public Config withDecay(double newDecay) {
            return new Config(newDecay, minDecay, updateAfterStep, warmup, invGamma, power);
        }

        /** The decay of an optimiser step, counted from 1. */
        public double at(long optimizationStep) {
            long step = Math.max(0, optimizationStep - updateAfterStep - 1);
            if (step <= 0) {
                return 0;
            }
            double rising = warmup ? 1 - Math.pow(1 + step / invGamma, -power) : (1.0 + step) / (10.0 + step);
            return Math.max(Math.min(rising, decay), minDecay);
        }
    }

    private final Arena arena = new Arena();
    private final Config config;
    private final Tensor shadow;

    public Ema(Tensor values, Config config) {
        this.config = config;
        shadow = arena.own(values::clone);
    }

    /** The average, laid out as what is averaged. */
    public Tensor shadow() {
        return shadow;
    }

    /** Takes the values after an optimiser step, counted from 1. */
    public void update(Tensor values, long step) {
        InPlace.lerp(shadow, values, 1 - config.at(step));
    }

    @Override
    public void close() {
        arena.close();
    }
}
