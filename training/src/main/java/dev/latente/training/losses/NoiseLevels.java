package dev.latente.training.losses;

import dev.latente.diffusion.NoiseSchedule;
import dev.latente.diffusion.Prediction;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * How much of the picture x₀ and of the noise ε there is in each sample of a batch: x = α·x₀ + σ·ε (Kingma et al. 2021,
 * section 3.1).
 *
 * @param alpha [B] fp32
 * @param sigma [B] fp32
 */
public record NoiseLevels(Tensor alpha, Tensor sigma) {
    /**
     * Variance preserving: α = √ᾱ, σ = √(1-ᾱ) (Ho et al. 2020, equation 4).
     *
     * @param timesteps [B] int64, indices of the schedule; below 0 there is no noise
     */
    public static NoiseLevels of(NoiseSchedule schedule, Tensor timesteps) {
        double[] alphasCumprod = Arrays.stream(Ops.longs(timesteps))
                .mapToDouble(t -> t < 0 ? 1 : schedule.alphaCumprod((int) t))
                .toArray();
        Device device = Ops.device(timesteps);
        return new NoiseLevels(
                fp32(alphasCumprod, Math::sqrt, device), fp32(alphasCumprod, a -> Math.sqrt(1 - a), device));
    }

    /** Rectified flow: α = 1-σ (Lipman et al. 2023, section 4.1); sigma [B]. */
    public static NoiseLevels flow(Tensor sigma) {
        return new NoiseLevels(Ops.add(sigma.neg(), 1), sigma);
    }

    private static Tensor fp32(double[] x, DoubleUnaryOperator f, Device device) {
        return Ops.to(Ops.of(Arrays.stream(x).map(f).toArray(), x.length), DType.F32, device);
    }

    /** What the model is given; x0 and noise [B,...] -> the same shape. */
    public Tensor noised(Tensor x0, Tensor noise) {
        return alpha(x0).mul(x0).add(sigma(x0).mul(noise));
    }

    /** What the model is to predict; x0 and noise [B,...] -> the same shape. */
    public Tensor target(Prediction prediction, Tensor x0, Tensor noise) {
        return switch (prediction) {
            case EPSILON -> noise;
            case SAMPLE -> x0;
            case V_PREDICTION -> alpha(x0).mul(noise).sub(sigma(x0).mul(x0));
            case FLOW -> noise.sub(x0);
        };
    }

    /** The picture that a model's output for x stands for; x and output [B,...] -> the same shape. */
    public Tensor sample(Prediction prediction, Tensor x, Tensor output) {
        return switch (prediction) {
            case EPSILON -> x.sub(sigma(x).mul(output)).div(alpha(x));
            case SAMPLE -> output;
            case V_PREDICTION -> alpha(x).mul(x).sub(sigma(x).mul(output));
            case FLOW -> x.sub(sigma(x).mul(output));
        };
    }

    /** The noise that a model's output for x stands for; x and output [B,...] -> the same shape. */
    public Tensor noise(Prediction prediction, Tensor x, Tensor output) {
        return switch (prediction) {
            case EPSILON -> output;
            case SAMPLE -> x.sub(alpha(x).mul(output)).div(sigma(x));
            case V_PREDICTION -> alpha(x).mul(output).add(sigma(x).mul(x));
            case FLOW -> x.add(alpha(x).mul(output));
        };
    }

    /** A step of DDIM to other levels (Song et al. 2021, equation 12, without fresh noise); x and output [B,...] -> the same shape. */
    public Tensor ddim(Prediction prediction, Tensor x, Tensor output, NoiseLevels to) {
        return to.noised(sample(prediction, x, output), noise(prediction, x, output));
    }

    /** Signal-to-noise ratio α²/σ² [B]. */
    public Tensor snr() {
        return alpha.square().div(sigma.square());
    }

    private Tensor alpha(Tensor like) {
        return perSample(alpha, like);
    }

    private Tensor sigma(Tensor like) {
        return perSample(sigma, like);
    }

    /** values [B] -> [B,1,...], with as many dimensions as x. */
    static Tensor perSample(Tensor values, Tensor x) {
        long[] shape = new long[(int) x.dim()];
        Arrays.fill(shape, 1);
        shape[0] = values.size(0);
        return values.view(shape);
    }
}
