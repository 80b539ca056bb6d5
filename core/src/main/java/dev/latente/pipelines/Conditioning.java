package dev.latente.pipelines;

import dev.latente.tensor.Ops;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What the text encoders make of a batch of prompts.
 *
 * @param states of the tokens [B,n,d]
 * @param pooled one vector for each prompt [B,p], or null where the model wants none
 */
record Conditioning(Tensor states, @Nullable Tensor pooled) {
    /** Zeros of the same shapes. */
    Conditioning zero() {
        return new Conditioning(Ops.mul(states, 0), pooled == null ? null : Ops.mul(pooled, 0));
    }

    /** Each prompt {@code times} in a row. */
    Conditioning repeat(int times) {
        return new Conditioning(
                Ops.repeatInterleave(states, times), pooled == null ? null : Ops.repeatInterleave(pooled, times));
    }

    /** This batch, then the other. */
    Conditioning then(Conditioning other) {
        Tensor p = pooled == null || other.pooled == null ? null : Ops.cat(0, pooled, other.pooled);
        return new Conditioning(Ops.cat(0, states, other.states), p);
    }
}
