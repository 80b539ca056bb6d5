package dev.latente.training.tasks;

import dev.latente.pipelines.Micro;
import dev.latente.tensor.Ops;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What a step of a diffusion model learns from.
 *
 * @param mean of the pictures' latents as the autoencoder gives them, fp32 [B,C,h,w]
 * @param std of the same
 * @param micros what SDXL is told of each picture's sizes and crop; other models need none
 * @param control the pictures that a ControlNet sees, fp32 [B,3,H,W] in [0,1], or null
 */
public record LatentBatch(
        Tensor mean,
        Tensor std,
        List<String> captions,
        List<Micro> micros,
        @Nullable Tensor control) {
    public LatentBatch {
        captions = List.copyOf(captions);
        micros = List.copyOf(micros);
    }

    /** From the moments of the latents, fp32 [B,2·C,h,w]: means, then standard deviations. */
    public static LatentBatch of(Tensor moments, List<String> captions, List<Micro> micros) {
        Tensor[] parts = Ops.chunk(moments, 2, 1);
        return new LatentBatch(parts[0], parts[1], captions, micros, null);
    }

    public LatentBatch withControl(Tensor pictures) {
        return new LatentBatch(mean, std, captions, micros, pictures);
    }

    /** This batch, then another of the same size of pictures; neither has control pictures. */
    public LatentBatch then(LatentBatch other) {
        return new LatentBatch(
                Ops.cat(0, mean, other.mean),
                Ops.cat(0, std, other.std),
                Stream.concat(captions.stream(), other.captions.stream()).toList(),
                Stream.concat(micros.stream(), other.micros.stream()).toList(),
                null);
    }
}
