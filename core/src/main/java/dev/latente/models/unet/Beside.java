package dev.latente.models.unet;

import dev.latente.nn.ImageContext;
import dev.latente.tensor.Ops;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * What adapters show to a U-Net beside the text.
 *
 * @param features that T2I-Adapters add to the way down, one for each block and perhaps one for the middle, in the dtype of
 *     the weights [B or 1,C,H,W]
 * @param pictures that IP-Adapters let the attentions see
 */
public record Beside(List<Tensor> features, ImageContext pictures) {
    public static final Beside NONE = new Beside(List.of(), ImageContext.NONE);

    public Beside {
        features = List.copyOf(features);
    }

    /** x [B,C,H,W] and the feature of that number, if there is one. */
    Tensor addedTo(Tensor x, int number) {
        if (number < 0 || number >= features.size()) {
            return x;
        }
        if (!fits(x, number)) {
            throw new IllegalArgumentException(
                    "T2I-Adapter: feature %d has shape %s, wanted %s: it is made for another kind of U-Net"
                            .formatted(
                                    number,
                                    Arrays.toString(Ops.shape(features.get(number))),
                                    Arrays.toString(Ops.shape(x))));
        }
        return x.add(features.get(number));
    }

    /** As {@link #addedTo}; a feature of another shape is not for the middle, and left out as by the reference. */
    Tensor addedToMiddle(Tensor x, int number) {
        return number < features.size() && fits(x, number) ? x.add(features.get(number)) : x;
    }

    private boolean fits(Tensor x, int number) {
        long[] shape = Ops.shape(features.get(number));
        return Arrays.equals(shape, 1, 4, Ops.shape(x), 1, 4);
    }
}
