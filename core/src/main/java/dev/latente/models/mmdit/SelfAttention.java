package dev.latente.models.mmdit;

import dev.latente.nn.Linear;
import dev.latente.nn.Params;
import dev.latente.tensor.Attention;
import org.bytedeco.pytorch.Tensor;

/** Attention over the patches alone. Keys as in {@link Projections}, {@code to_out.0}. */
final class SelfAttention {
    private final Projections picture;
    private final Linear toOut;

    SelfAttention(Params p, Heads heads) {
        picture = Projections.picture(p, heads);
        toOut = new Linear(p.at("to_out").at(0), heads.width(), heads.width());
    }

    /** x [B,n,size] -> the same shape. */
    Tensor forward(Tensor x) {
        return toOut.forward(Attention.mergeHeads(
                Attention.attend(picture.queries(x), picture.keys(x), picture.values(x), null, false, 0)));
    }
}
