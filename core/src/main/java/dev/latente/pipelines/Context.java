package dev.latente.pipelines;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** How what the CLIP encoders make of a prompt becomes what a network is conditioned with. Thread-safe. */
sealed interface Context permits ClipContext, T5Context, FluxContext {
    /** Whether the states before the last layer count, which are not normalised. */
    boolean beforeLast();

    /**
     * What one encoder made of a prompt.
     *
     * @param states [1,n,d]
     * @param pooled the state at the end of the text [1,d]
     * @param projected the same, projected [1,p]; null if the encoder has no projection
     */
    record Read(Tensor states, Tensor pooled, @Nullable Tensor projected) {}

    /**
     * Puts them together.
     *
     * @param negative whether it was the negative prompt that was read
     * @param clip by each encoder
     */
    Conditioning join(Prompt prompt, boolean negative, List<Read> clip);

    /** The same with what is laid over the weights of its models. */
    Context with(Models changes);
}
