package dev.latente.nn;

import dev.latente.tensor.Ops;
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
    private final String path;

    /** @param onlyCross whether the first attention looks at the context, too */
    public TransformerBlock(Params p, long size, long contextSize, long heads, boolean onlyCross) {
        norm1 = new LayerNorm(p.at("norm1"), size, 1e-5);
        attn1 = new CrossAttention(p.at("attn1"), size, onlyCross ? contextSize : size, heads);
        norm2 = new LayerNorm(p.at("norm2"), size, 1e-5);
        attn2 = new CrossAttention(p.at("attn2"), size, contextSize, heads);
        norm3 = new LayerNorm(p.at("norm3"), size, 1e-5);
        ff = new GegluFeedForward(p.at("ff"), size);
        this.onlyCross = onlyCross;
        path = p.toString();
    }

    /**
     * x [B,n,size], context [B,m,contextSize] -> [B,n,size]. Of sequences that stand in the batch several times, with other
     * contexts, x may have one: the first attention is then done once for all of them.
     *
     * @param bias added to the second attention's scores, broadcast to [B,heads,n,m], or null
     * @param pictures seen by the second attention beside the context
     * @param merging of tokens in the first attention
     */
    public Tensor forward(
            Tensor x, Tensor context, @Nullable Tensor bias, ImageContext pictures, TokenMerging merging) {
        Tensor selfAttended = Scopes.keep(() -> {
            Tensor own = onlyCross ? Ops.repeatTo(x, context.size(0)) : x;
            return merging.plus(
                    own, norm1.forward(own), (tokens, y) -> attn1.plus(tokens, onlyCross ? context : tokens, null, y));
        });
        Tensor attended = Scopes.keep(() -> {
            Tensor all = Ops.repeatTo(selfAttended, context.size(0));
            return attn2.plus(norm2.forward(all), context, bias, pictures.at(path), all);
        });
        return Scopes.keep(() -> ff.plus(norm3.forward(attended), attended));
    }
}
