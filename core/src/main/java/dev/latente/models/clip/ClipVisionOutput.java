package dev.latente.models.clip;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What a CLIP vision encoder makes of B pictures of n-1 patches; row 0 is the class token.
 *
 * @param hiddenStates the normalised embeddings, then the state after each layer, [B,n,d] each
 * @param pooled the class token after the last layer, normalised [B,d]
 * @param imageEmbeds the projected pooled state [B,projection], not of unit length; null for a model without a projection
 */
public record ClipVisionOutput(
        List<Tensor> hiddenStates, Tensor pooled, @Nullable Tensor imageEmbeds) {
    public ClipVisionOutput {
        hiddenStates = List.copyOf(hiddenStates);
    }

    /** The state after the last layer, not normalised [B,n,d]. */
    public Tensor lastHiddenState() {
        return hiddenStates.get(hiddenStates.size() - 1);
    }

    /** The state before the last layer, not normalised [B,n,d]. */
    public Tensor penultimate() {
        return hiddenStates.get(hiddenStates.size() - 2);
    }
}
