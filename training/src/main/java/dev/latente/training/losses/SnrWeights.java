package dev.latente.training.losses;

import dev.latente.diffusion.Prediction;
import dev.latente.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/** Weights of samples by their signal-to-noise ratio; snr [B] -> [B]. */
public final class SnrWeights {
    private SnrWeights() {}

    /**
     * Min-SNR-γ: the error of x₀ counts min(snr, γ) times, whatever the model predicts (Hang et al. 2023, section 3.4).
     *
     * @param gamma 5 in the paper
     * @throws IllegalArgumentException for the velocity of a flow
     */
    public static Tensor minSnr(Prediction prediction, Tensor snr, double gamma) {
        return switch (prediction) {
            // min(snr, γ)/snr, which is 1 where nothing of the picture is left.
            case EPSILON -> Ops.clamp(Ops.mul(snr.reciprocal(), gamma), 0, 1);
            case SAMPLE -> Ops.clamp(snr, 0, gamma);
            case V_PREDICTION -> Ops.clamp(snr, 0, gamma).div(Ops.add(snr, 1));
            case FLOW ->
                throw new IllegalArgumentException("min-SNR: got [FLOW], wanted EPSILON, SAMPLE or V_PREDICTION");
        };
    }

    /** Truncated SNR max(snr, 1), for an error of x₀ (Salimans and Ho 2022, section 4). */
    public static Tensor truncated(Tensor snr) {
        return Ops.clamp(snr, 1, Double.POSITIVE_INFINITY);
    }
}
