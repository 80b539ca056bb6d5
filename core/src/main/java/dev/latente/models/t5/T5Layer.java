package dev.latente.models.t5;

import dev.latente.nn.Activation;
import dev.latente.nn.Linear;
import dev.latente.nn.Params;
import dev.latente.nn.RmsNorm;
import dev.latente.tensor.Attention;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Pre-norm transformer layer without biases. Keys as in transformers' {@code T5Block} of an encoder. */
final class T5Layer {
    private final RmsNorm attentionNorm;
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear out;
    private final RmsNorm feedForwardNorm;
    private final Linear up;
    private final @Nullable Linear gated;
    private final Linear down;
    private final Activation activation;
    private final long heads;

    T5Layer(Params p, T5Config config) {
        long size = config.size();
        long attended = config.heads() * config.headSize();
        Params attention = p.at("layer").at(0).at("SelfAttention");
        Params feedForward = p.at("layer").at(1).at("DenseReluDense");
        attentionNorm = new RmsNorm(p.at("layer").at(0).at("layer_norm"), size, config.eps());
        query = new Linear(attention.at("q"), size, attended, false);
        key = new Linear(attention.at("k"), size, attended, false);
        value = new Linear(attention.at("v"), size, attended, false);
        out = new Linear(attention.at("o"), attended, size, false);
        feedForwardNorm = new RmsNorm(p.at("layer").at(1).at("layer_norm"), size, config.eps());
        up = new Linear(feedForward.at(config.gated() ? "wi_0" : "wi"), size, config.inner(), false);
        gated = config.gated() ? new Linear(feedForward.at("wi_1"), size, config.inner(), false) : null;
        down = new Linear(feedForward.at("wo"), config.inner(), size, false);
        activation = config.activation();
        heads = config.heads();
    }

    /** x [B,n,d], bias of the scores [1 or B,h,n,n] -> [B,n,d]. */
    Tensor forward(Tensor x, Tensor bias) {
        Tensor h = attentionNorm.forward(x);
        // The scores are not scaled: the initialisation of the published weights accounts for it.
        Tensor attended = Attention.attend(
                Attention.splitHeads(query.forward(h), heads),
                Attention.splitHeads(key.forward(h), heads),
                Attention.splitHeads(value.forward(h), heads),
                bias,
                false,
                1);
        Tensor y = x.add(out.forward(Attention.mergeHeads(attended)));
        Tensor g = feedForwardNorm.forward(y);
        Tensor inner = activation.apply(up.forward(g)); // [B,n,inner]
        return y.add(down.forward(gated == null ? inner : inner.mul(gated.forward(g))));
    }
}
