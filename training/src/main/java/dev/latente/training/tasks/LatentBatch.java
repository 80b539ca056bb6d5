package dev.latente.training.tasks;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * What a step of a diffusion model learns from.
 *
 * @param mean of the pictures' latents as the autoencoder gives them, fp32 [B,C,h,w]
 * @param std of the same
 */
public record LatentBatch(Tensor mean, Tensor std, List<String> captions) {
    public LatentBatch {
        captions = List.copyOf(captions);
    }
}
