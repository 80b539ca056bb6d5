package dev.latente.models.clip;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What a CLIP text encoder makes of B prompts of n tokens.
 *
 * @param hiddenStates the embeddings, then the state after each layer, [B,n,d] each, without the final normalisation
 * @param lastHiddenState the last of them, normalised [B,n,d]
 * @param pooled its row at the end of the text [B,d]
 * @param textEmbeds the projected pooled state [B,projection]; null for a model without a projection
 */
public record ClipOutput(
        List<Tensor> hiddenStates,
        Tensor lastHiddenState,
        Tensor pooled,
        @Nullable Tensor textEmbeds) {
    public ClipOutput {
        hiddenStates = List.copyOf(hiddenStates);
    }

    /** The state before the last layer, not normalised, that SDXL and SD3 are conditioned with [B,n,d]. */
    public Tensor penultimate() {
        return beforeLast(1);
    }

    /**
     * The state without the last {@code skip} layers, not normalised [B,n,d].
     *
     * @throws IllegalArgumentException if there are fewer layers
     */
    public Tensor beforeLast(int skip) {
        int last = hiddenStates.size() - 1;
        if (skip < 0 || skip > last) {
            throw new IllegalArgumentException(
                    "clip skip [%d] is out of range: the text encoder has %d layers".formatted(skip, last));
        }
        return hiddenStates.get(last - skip);
    }
}
