package dev.latente.training.losses;

import dev.latente.tensor.Ops;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/** The symmetric contrastive loss of CLIP (Radford et al. 2021, figure 3). */
public final class Contrastive {
    private Contrastive() {}

    /**
     * How badly each picture tells its own text from the others, and each text its picture: the mean of two cross entropies.
     *
     * @param logits of n pictures and n texts [n,n]; those on the diagonal belong together
     * @return a scalar
     */
    public static Tensor loss(Tensor logits) {
        if (logits.dim() != 2 || logits.size(0) != logits.size(1)) {
            throw new IllegalArgumentException("contrastive loss: got logits of shape %s, wanted [n,n]"
                    .formatted(Arrays.toString(Ops.shape(logits))));
        }
        Tensor ofPictures = logits.log_softmax(1).diagonal().mean();
        Tensor ofTexts = logits.log_softmax(0).diagonal().mean();
        return Ops.mul(ofPictures.add(ofTexts), -0.5);
    }
}
