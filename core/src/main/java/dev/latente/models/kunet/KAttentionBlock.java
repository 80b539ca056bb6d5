package dev.latente.models.kunet;

import dev.latente.nn.CrossAttention;
import dev.latente.nn.LayerNorm;
import dev.latente.nn.Params;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Attention of the positions to each other, at the coarsest resolution, then to the normalised text, without a perceptron.
 * Keys: {@code norm1}, {@code attn1}, {@code norm2}, {@code attn2}, {@code attn2.norm_cross}.
 */
final class KAttentionBlock {
    private static final double EPS = 1e-5;

    private final @Nullable AdaGroupNorm norm1;
    private final @Nullable CrossAttention attn1;
    private final AdaGroupNorm norm2;
    private final LayerNorm normCross;
    private final CrossAttention attn2;

    /** @param self whether positions look at each other, too */
    KAttentionBlock(Params p, KUNetConfig c, KUNetConfig.Level level, long channels, boolean self) {
        long heads = channels / level.headSize();
        long groups = Math.max(1, channels / KUNet.GROUP);
        norm1 = self ? new AdaGroupNorm(p.at("norm1"), c.timeSize(), channels, groups, EPS) : null;
        attn1 = self ? CrossAttention.biased(p.at("attn1"), channels, channels, heads) : null;
        norm2 = new AdaGroupNorm(p.at("norm2"), c.timeSize(), channels, groups, EPS);
        normCross = new LayerNorm(p.at("attn2").at("norm_cross"), level.contextSize(), EPS);
        attn2 = CrossAttention.biased(p.at("attn2"), channels, level.contextSize(), heads);
    }

    /** x [B,C,H,W], temb [B,temb], text [B,n,d] -> [B,C,H,W]. */
    Tensor forward(Tensor x, Tensor temb, Tensor text) {
        Tensor y = x;
        if (norm1 != null && attn1 != null) {
            Tensor tokens = tokens(norm1.forward(y, temb));
            y = pixels(attn1.plus(tokens, tokens, null, tokens(y)), x);
        }
        Tensor tokens = tokens(norm2.forward(y, temb));
        return pixels(attn2.plus(tokens, normCross.forward(text), null, tokens(y)), x);
    }

    /** [B,C,H,W] -> [B,HW,C]. */
    private static Tensor tokens(Tensor x) {
        return x.permute(0, 2, 3, 1).reshape(x.size(0), x.size(2) * x.size(3), x.size(1));
    }

    private static Tensor pixels(Tensor tokens, Tensor like) {
        return tokens.unflatten(1, like.size(2), like.size(3)).permute(0, 3, 1, 2);
    }
}
