package dev.latente.models.clip;

import dev.latente.tensor.Ops;
import dev.latente.text.PromptChunk;
import java.util.List;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;

/** Emphasis as in AUTOMATIC1111's web UI: the states of a prompt's chunks times the weights of their tokens. */
public final class PromptWeighting {
    private PromptWeighting() {}

    /** The token ids of k chunks of n, [k,n] int64: a batch for the text encoder. */
    public static Tensor ids(List<PromptChunk> chunks) {
        long[] ids = chunks.stream().flatMapToLong(c -> LongStream.of(c.ids())).toArray();
        return Ops.of(ids, chunks.size(), ids.length / chunks.size());
    }

    /** The weights of k chunks of n, [k,n] fp32. */
    public static Tensor weights(List<PromptChunk> chunks) {
        return Ops.stack(
                0,
                chunks.stream()
                        .map(c -> Ops.of(c.weights(), c.weights().length))
                        .toArray(Tensor[]::new));
    }

    /** states [k,n,d] · weights [k,n] -> [k,n,d]. */
    public static Tensor weighted(Tensor states, Tensor weights) {
        Tensor factors = Ops.to(weights, Ops.dtype(states), Ops.device(states));
        return states.mul(factors.unsqueeze(-1));
    }

    /** As {@link #weighted}, each chunk scaled back to the mean that it had before. */
    public static Tensor weightedRestoringMean(Tensor states, Tensor weights) {
        Tensor weighted = weighted(states, weights);
        return weighted.mul(mean(states).div(mean(weighted)));
    }

    /** The chunks behind one another, as a U-Net takes a long prompt: [k,n,d] -> [1,k·n,d]. */
    public static Tensor join(Tensor states) {
        return states.flatten(0, 1).unsqueeze(0);
    }

    /** x [k,n,d] -> [k,1,1]. */
    private static Tensor mean(Tensor x) {
        return x.flatten(1, 2).mean(1).unsqueeze(-1).unsqueeze(-1);
    }
}
