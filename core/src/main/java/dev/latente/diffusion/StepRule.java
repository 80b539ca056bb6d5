package dev.latente.diffusion;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** What a sampler does with one model output. The history of a multistep method goes in and comes out; a rule has no state. */
@FunctionalInterface
interface StepRule {
    /**
     * One step, or a part of one.
     *
     * @param i index of the model call in the uncut schedule
     * @param x the latents, unscaled
     * @param output what the model predicted for them
     * @param history what the previous call returned after its latents; empty at the first call of a run
     * @return the next latents, followed by the history for the next call
     */
    List<Tensor> step(int i, Tensor x, Tensor output, List<Tensor> history, NoiseSource noise);
}
