package dev.latente.training;

import dev.latente.tensor.Arena;
import dev.latente.tensor.InPlace;
import org.bytedeco.pytorch.Tensor;

/**
 * Exponential moving average of the weights, as diffusers' {@code EMAModel} reckons it (Polyak and Juditsky 1992; Song and
 * Ermon 2020, section 4.4).
 */
public final class Ema implements AutoCloseable {
    private final Arena arena = new Arena();
    private final EmaConfig config;
    private final Tensor shadow;

    public Ema(Tensor values, EmaConfig config) {
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
