package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/**
 * An ancestral step from σ to a lower σ': the deterministic method goes down to {@code down}, noise goes back {@code up}
 * (Song et al. 2021, equation 16 with η = 1, in the form of k-diffusion).
 */
record Ancestral(double down, double up) {
    static Ancestral between(double sigma, double next) {
        float from = (float) (sigma * sigma);
        float to = (float) (next * next);
        float up = (float) Math.sqrt(to * (from - to) / from);
        return new Ancestral((float) Math.sqrt(to - up * up), up);
    }

    Tensor renoise(Tensor x, NoiseSource noise) {
        return x.add(Ops.mul(noise.normal(Ops.shape(x)), up));
    }
}
