package dev.latente.training.losses;

import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/**
 * Training of rectified flows (Esser et al. 2024, section 3): where on the way from the picture to the noise a sample lies,
 * and how much it counts. Its loss is {@link SquaredError#weighted} of the velocity {@link NoiseLevels#flow} asks for, or of the
 * picture that follows from it.
 */
public final class FlowMatching {
    /** How much the error at a noise level σ counts. */
    public enum Weighting {
        /** 1. */
        NONE,
        /** 1/σ². */
        SIGMA_SQRT,
        /** 2 / (π·(1 - 2σ + 2σ²)): as if the noise followed the cosine schedule (section 3.1, CosMap). */
        COSMAP
    }

    private FlowMatching() {}

    /** Logit-normal density (section 3.1, equation 19): standard normal numbers [B] -> [B] within (0, 1). */
    public static Tensor logitNormal(Tensor normal, double mean, double std) {
        return Ops.add(Ops.mul(normal, std), mean).sigmoid();
    }

    /** Mode sampling with heavy tails (section 3.1, equation 20): uniform numbers of [0, 1) [B] -> [B]. */
    public static Tensor mode(Tensor uniform, double scale) {
        Tensor cos = Ops.mul(uniform, Math.PI / 2).cos();
        Tensor bulge = Ops.sub(cos.square(), 1).add(uniform);
        return Ops.addScaled(Ops.add(uniform.neg(), 1), bulge, -scale);
    }

    /**
     * The noise levels of training, from 1 down to that of 1/n, each shifted towards noise (section 5.3.2) [n] fp32.
     *
     * @param shift 3 for Stable Diffusion 3, 1 for none
     */
    public static Tensor sigmas(int n, double shift) {
        double[] sigmas = new double[n];
        for (int i = 0; i < n; i++) {
            double even = (double) (n - i) / n;
            sigmas[i] = shift * even / (1 + (shift - 1) * even);
        }
        return Ops.to(Ops.of(sigmas, n), DType.F32);
    }

    /** u [B] of [0, 1] -> the noise level at that place of the table [B]; the model's timestep is it times the table's size. */
    public static Tensor at(Tensor u, Tensor sigmas) {
        long n = sigmas.size(0);
        Tensor index = Ops.to(Ops.clamp(Ops.mul(u, (double) n), 0, (double) (n - 1)), DType.I64);
        return sigmas.index_select(0, index);
    }

    /** sigma [B] -> [B]. */
    public static Tensor weights(Weighting weighting, Tensor sigma) {
        return switch (weighting) {
            case NONE -> Ops.full(1, Ops.dtype(sigma), Ops.device(sigma), sigma.size(0));
            case SIGMA_SQRT -> sigma.square().reciprocal();
            case COSMAP -> Ops.mul(Ops.add(sigma.square().sub(sigma), 0.5).reciprocal(), 1 / Math.PI);
        };
    }
}
