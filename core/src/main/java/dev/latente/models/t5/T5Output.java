package dev.latente.models.t5;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * What a T5 encoder makes of B prompts of n tokens.
 *
 * @param hiddenStates the embeddings, then the state after each layer [B,n,d]; the last one is normalised
 */
public record T5Output(List<Tensor> hiddenStates) {
    public T5Output {
        hiddenStates = List.copyOf(hiddenStates);
    }

    /** [B,n,d]. */
    public Tensor lastHiddenState() {
        return hiddenStates.get(hiddenStates.size() - 1);
    }
}
