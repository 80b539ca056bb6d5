package dev.latente.models.mmdit;

import dev.latente.nn.Linear;
import dev.latente.nn.Params;
import dev.latente.nn.RotaryEmbedding;
import dev.latente.tensor.Attention;
import dev.latente.tensor.Ops;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Attention over the patches and the text at once, with weights of their own (Esser et al. 2024, section 4 and figure 2b).
 * Keys as in {@link Projections}, {@code to_out.0}, {@code to_add_out}.
 */
final class JointAttention {
    private final Projections picture;
    private final Projections text;
    private final Linear toOut;
    private final @Nullable Linear toAddOut;

    /** @param endsText whether the text only answers: what it would become is not computed */
    JointAttention(Params p, Heads heads, boolean endsText) {
        picture = Projections.picture(p, heads);
        text = Projections.text(p, heads);
        toOut = new Linear(p.at("to_out").at(0), heads.width(), heads.width());
        toAddOut = endsText ? null : new Linear(p.at("to_add_out"), heads.width(), heads.width());
    }

    /** @param rotary turns queries and keys by the positions of the patches, then of the text; null where tokens hold their positions */
    Streams forward(Streams x, @Nullable RotaryEmbedding rotary) {
        Tensor q = Ops.cat(2, picture.queries(x.picture()), text.queries(x.text())); // [B,h,n+m,d]
        Tensor k = Ops.cat(2, picture.keys(x.picture()), text.keys(x.text()));
        if (rotary != null) {
            q = rotary.apply(q);
            k = rotary.apply(k);
        }
        Tensor v = Ops.cat(2, picture.values(x.picture()), text.values(x.text()));
        Tensor out = Attention.mergeHeads(Attention.attend(q, k, v, null, false, 0)); // [B,n+m,size]
        long n = x.picture().size(1);
        Tensor patches = toOut.forward(out.narrow(1, 0, n));
        return toAddOut == null
                ? x.withPicture(patches)
                : new Streams(
                        patches, toAddOut.forward(out.narrow(1, n, x.text().size(1))));
    }
}
