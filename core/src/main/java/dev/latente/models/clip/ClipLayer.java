package dev.latente.models.clip;

import dev.latente.nn.Activation;
import dev.latente.nn.LayerNorm;
import dev.latente.nn.Linear;
import dev.latente.nn.Params;
import dev.latente.tensor.Attention;
import dev.latente.tensor.Functional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Pre-norm transformer layer, of the text and of the vision encoder. Keys as in transformers' {@code CLIPEncoderLayer}. */
final class ClipLayer {
    private final LayerNorm norm1;
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear out;
    private final LayerNorm norm2;
    private final Linear fc1;
    private final Linear fc2;
    private final Activation activation;
    private final long heads;

    ClipLayer(Params p, long size, long inner, long heads, Activation activation, double eps) {
        Params attention = p.at("self_attn");
        norm1 = new LayerNorm(p.at("layer_norm1"), size, eps);
        query = new Linear(attention.at("q_proj"), size, size);
        key = new Linear(attention.at("k_proj"), size, size);
        value = new Linear(attention.at("v_proj"), size, size);
        out = new Linear(attention.at("out_proj"), size, size);
        norm2 = new LayerNorm(p.at("layer_norm2"), size, eps);
        fc1 = new Linear(p.at("mlp").at("fc1"), size, inner);
        fc2 = new Linear(p.at("mlp").at("fc2"), inner, size);
        this.activation = activation;
        this.heads = heads;
    }

    /** x [B,n,d], mask added to the scores or null -> [B,n,d]. */
    Tensor forward(Tensor x, @Nullable Tensor mask, boolean causal) {
        Tensor h = norm1.forward(x);
        Tensor attended = Attention.attend(
                Attention.splitHeads(query.forward(h), heads),
                Attention.splitHeads(key.forward(h), heads),
                Attention.splitHeads(value.forward(h), heads),
                mask,
                causal,
                0);
        Tensor y = Functional.add(x, out.forward(Attention.mergeHeads(attended)));
        return Functional.add(y, fc2.forward(activation.apply(fc1.forward(norm2.forward(y)))));
    }
}
