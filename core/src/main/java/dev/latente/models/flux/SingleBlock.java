package dev.latente.models.flux;

import dev.latente.models.mmdit.AdaLayerNorm;
import dev.latente.models.mmdit.Heads;
import dev.latente.models.mmdit.Projections;
import dev.latente.nn.Linear;
import dev.latente.nn.Params;
import dev.latente.nn.RotaryEmbedding;
import dev.latente.tensor.Attention;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A block in which attention and perceptron work side by side on patches and text in one sequence (Dehghani et al. 2023,
 * section 2). Keys as in diffusers' {@code FluxSingleTransformerBlock}.
 */
final class SingleBlock {
    private final AdaLayerNorm norm;
    private final Projections attn;
    private final Linear projMlp;
    private final Linear projOut;

    SingleBlock(Params p, Heads heads) {
        long size = heads.width();
        norm = new AdaLayerNorm(p.at("norm"), size, 3);
        attn = Projections.picture(p.at("attn"), heads);
        projMlp = new Linear(p.at("proj_mlp"), size, 4 * size);
        projOut = new Linear(p.at("proj_out"), 5 * size, size);
    }

    /** x [B,n+m,size], embedding of timestep and text [B,size] -> the shape of x. */
    Tensor forward(Tensor x, Tensor embedding, RotaryEmbedding rotary) {
        List<Tensor> m = norm.modulation(embedding); // shift, scale, gate
        Tensor normalised = AdaLayerNorm.modulate(x, m.get(0), m.get(1));
        Tensor q = rotary.apply(attn.queries(normalised));
        Tensor k = rotary.apply(attn.keys(normalised));
        Tensor attended = Attention.mergeHeads(Attention.attend(q, k, attn.values(normalised), null, false, 0));
        Tensor inner = Functional.geluTanh(projMlp.forward(normalised)); // [B,n+m,4·size]
        return x.add(m.get(2).mul(projOut.forward(Ops.cat(-1, attended, inner))));
    }
}
