package dev.latente.diffusion;

import org.bytedeco.pytorch.Tensor;

/** What a sampler sees of a model: the raw output (noise, velocity or picture, as trained) for one noisy sample. */
@FunctionalInterface
public interface Denoiser {
    /**
     * One model call.
     *
     * @param sample the noisy latents, already scaled as the model expects them; [B,C,H,W]
     * @param timestep as {@link Trajectory#timesteps} lists it
     * @return a tensor of the shape of {@code sample}
     */
    Tensor predict(Tensor sample, double timestep);
}
