package dev.latente.nn;

import dev.latente.tensor.Scopes;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Self-attention, attention to a context, perceptron; each on the normalised sequence and added to it (Vaswani et al. 2017,
 * section 3.1, with the normalisation first). Keys as in diffusers' {@code BasicTransformerBlock}.
 */
public final class TransformerBlock {
    private final LayerNorm norm1;
    private final CrossAttention attn1;
    private final LayerNorm norm2;
    private final CrossAttention attn2;
    private final LayerNorm norm3;
    private final GegluFeedForward ff;
    private final boolean onlyCross;

    /** @param onlyCross whether the first attention looks at the context, too */
    public TransformerBlock(Params p, long size, long contextSize, long heads, boolean onlyCross) {
        norm1 = new LayerNorm(p.at("norm1"), size, 1e-5);
        attn1 = new CrossAttention(p.at("attn1"), size, onlyCross ? contextSize : size, heads);
        norm2 = new LayerNorm(p.at("norm2"), size, 1e-5);
        attn2 = new CrossAttention(p.at("attn2"), size, contextSize, heads);
        norm3 = new LayerNorm(p.at("norm3"), size, 1e-5);
        ff = new GegluFeedForward(p.at("ff"), size);
        this.onlyCross = onlyCross;
    }

    /**
     * x [B,n,size], context [B,m,contextSize] -> [B,n,size].
     *
     * @param bias added to the second attention's scores, broadcast to [B,heads,n,m], or null
     * @param merging of tokens in the first attention
     */
    public Tensor forward(Tensor x, Tensor context, @Nullable Tensor bias, TokenMerging merging) {
        Tensor selfAttended = Scopes.keep(() -> {
            Tensor h = norm1.forward(x);
            return merging.plus(x, h, (tokens, y) -> attn1.plus(tokens, onlyCross ? context : tokens, null, y));
        });
        Tensor attended = Scopes.keep(() -> attn2.plus(norm2.forward(selfAttended), context, bias, selfAttended));
        return Scopes.keep(() -> ff.plus(norm3.forward(attended), attended));
    }
}
