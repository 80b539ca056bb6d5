package dev.latente.diffusion;

import dev.latente.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/** What a model was trained to predict, and how the picture x₀ follows from it. */
public enum Prediction {
    /** The noise ε (Ho et al. 2020). */
    EPSILON,
    /** The picture itself. */
    SAMPLE,
    /** v = α·ε - σ·x₀ (Salimans and Ho 2022, section 4). */
    V_PREDICTION,
    /** The velocity ε - x₀ of a rectified flow (Lipman et al. 2023). */
    FLOW;

    /** From {@code prediction_type}. */
    public static Prediction of(SchedulerConfig config) {
        return switch (config.text("prediction_type")) {
            case "epsilon" -> EPSILON;
            case "sample", "original_sample" -> SAMPLE;
            case "v_prediction" -> V_PREDICTION;
            case "flow_prediction" -> FLOW;
            default -> throw config.unknown("prediction_type", "epsilon", "sample", "v_prediction", "flow_prediction");
        };
    }

    /** x₀ for x = x₀ + σ·ε; v and ε refer to x / √(σ²+1). */
    Tensor denoised(Tensor x, Tensor output, double sigma) {
        return switch (this) {
            case EPSILON, FLOW -> x.sub(Ops.mul(output, sigma));
            case SAMPLE -> output;
            case V_PREDICTION ->
                Ops.mul(output, -sigma / Math.sqrt(sigma * sigma + 1)).add(Ops.div(x, sigma * sigma + 1));
        };
    }

    /** x₀ for x = α·x₀ + σ·ε. */
    Tensor sample(Tensor x, Tensor output, double alpha, double sigma) {
        return switch (this) {
            case EPSILON -> Ops.div(Ops.addScaled(x, output, -sigma), alpha);
            case SAMPLE -> output;
            case V_PREDICTION -> Ops.combine(alpha, x, -sigma, output);
            case FLOW -> Ops.addScaled(x, output, -sigma);
        };
    }

    /** ε for x = α·x₀ + σ·ε. */
    Tensor noise(Tensor x, Tensor output, double alpha, double sigma) {
        return switch (this) {
            case EPSILON -> output;
            case SAMPLE -> Ops.div(Ops.addScaled(x, output, -alpha), sigma);
            case V_PREDICTION -> Ops.combine(alpha, output, sigma, x);
            case FLOW -> Ops.addScaled(x, output, alpha);
        };
    }
}
