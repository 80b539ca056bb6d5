package dev.latente.diffusion;

import org.bytedeco.pytorch.Tensor;

/** Told after each model call; an exception thrown here cancels the run. */
@FunctionalInterface
public interface StepListener {
    /** Changes nothing. */
    StepListener NONE = (call, timestep, x) -> x;

    /**
     * Called after each model call, in order.
     *
     * @param call 0 for the first model call of the run
     * @param x the latents after this call
     * @return the latents to go on with
     */
    Tensor onStep(int call, double timestep, Tensor x);
}
