package dev.latente.training.data;

import dev.latente.image.VaeImages;
import dev.latente.pipelines.Size;
import dev.latente.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * What one step learns from.
 *
 * @param step counted from 0
 * @param epoch how often everything was seen before
 * @param size of all pictures
 */
public record Batch(long step, long epoch, Size size, List<Sample> samples) {
    public Batch {
        samples = List.copyOf(samples);
    }

    public List<String> captions() {
        return samples.stream().map(Sample::caption).toList();
    }

    /** The pictures, fp32 [B,3,H,W] in [-1,1]. */
    public Tensor pixels() {
        Tensor[] pictures = samples.stream()
                .map(s -> VaeImages.normalize(s.picture().toTensor()))
                .toArray(Tensor[]::new);
        return Ops.cat(0, pictures);
    }
}
