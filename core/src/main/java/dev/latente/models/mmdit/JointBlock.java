package dev.latente.models.mmdit;

import dev.latente.nn.Params;
import dev.latente.nn.RotaryEmbedding;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One block of the transformer (Esser et al. 2024, figure 2b): joint attention, then a perceptron for each stream, each gated
 * and added. Keys as in diffusers' {@code JointTransformerBlock}.
 */
public final class JointBlock {
    private final AdaLayerNorm norm1;
    private final AdaLayerNorm norm1Context;
    private final JointAttention attn;
    private final @Nullable SelfAttention attn2;
    private final FeedForward ff;
    private final @Nullable FeedForward ffContext;

    /**
     * @param dual whether the picture also attends to itself alone
     * @param endsText whether the text goes no further than this block
     */
    public JointBlock(Params p, Heads heads, boolean dual, boolean endsText) {
        long size = heads.width();
        norm1 = new AdaLayerNorm(p.at("norm1"), size, dual ? 9 : 6);
        norm1Context = new AdaLayerNorm(p.at("norm1_context"), size, endsText ? 2 : 6);
        attn = new JointAttention(p.at("attn"), heads, endsText);
        attn2 = dual ? new SelfAttention(p.at("attn2"), heads) : null;
        ff = new FeedForward(p.at("ff"), size);
        ffContext = endsText ? null : new FeedForward(p.at("ff_context"), size);
    }

    /** Whether the text is of use after this block. */
    boolean continuesText() {
        return ffContext != null;
    }

    /**
     * x, embedding of timestep and text [B,size] -> the same shapes; a text that ends here stays as it is.
     *
     * @param rotary positions of the patches, then of the text; null where tokens hold their positions
     */
    public Streams forward(Streams x, Tensor embedding, @Nullable RotaryEmbedding rotary) {
        // shift, scale and gate of the attention; of the perceptron; of the attention to itself
        List<Tensor> m = norm1.modulation(embedding);
        List<Tensor> t = norm1Context.modulation(embedding);
        Tensor picture = AdaLayerNorm.modulate(x.picture(), m.get(0), m.get(1));
        // A text that ends here has only a scale and a shift, in this order.
        Tensor text = ffContext == null
                ? AdaLayerNorm.modulate(x.text(), t.get(1), t.get(0))
                : AdaLayerNorm.modulate(x.text(), t.get(0), t.get(1));
        Streams attended = attn.forward(new Streams(picture, text), rotary);

        Tensor patches = x.picture().add(m.get(2).mul(attended.picture()));
        if (attn2 != null) {
            patches = patches.add(m.get(8).mul(attn2.forward(AdaLayerNorm.modulate(x.picture(), m.get(6), m.get(7)))));
        }
        patches = patches.add(m.get(5).mul(ff.forward(AdaLayerNorm.modulate(patches, m.get(3), m.get(4)))));
        if (ffContext == null) {
            return x.withPicture(patches);
        }
        Tensor tokens = x.text().add(t.get(2).mul(attended.text()));
        return new Streams(
                patches,
                tokens.add(t.get(5).mul(ffContext.forward(AdaLayerNorm.modulate(tokens, t.get(3), t.get(4))))));
    }
}
