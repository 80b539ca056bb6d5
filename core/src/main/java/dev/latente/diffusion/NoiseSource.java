package dev.latente.diffusion;

import org.bytedeco.pytorch.Tensor;

/** Standard normal noise, fp32, drawn in the order in which a sampler asks for it; {@code Rng::normal} is one. */
@FunctionalInterface
public interface NoiseSource {
    Tensor normal(long... shape);
}
