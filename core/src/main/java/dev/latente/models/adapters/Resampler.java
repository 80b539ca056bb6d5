package dev.latente.models.adapters;

import dev.latente.nn.LayerNorm;
import dev.latente.nn.Linear;
import dev.latente.nn.Params;
import dev.latente.tensor.Attention;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Learned queries that look at the states of a picture, layer by layer (Alayrac et al. 2022, section 3.1.1 and figure 5). Keys:
 * {@code latents}, {@code proj_in}, {@code layers.N}, {@code proj_out}, {@code norm_out}.
 */
final class Resampler {
    /** Numbers of an attention's head. */
    static final long HEAD = 64;

    private final Tensor latents; // [1,queries,size]
    private final Linear projIn;
    private final List<Layer> layers = new ArrayList<>();
    private final Linear projOut;
    private final LayerNorm normOut;

    Resampler(Params p, IpAdapterConfig.Plus c) {
        latents = p.get("latents", 1, c.queries(), c.size());
        projIn = new Linear(p.at("proj_in"), c.in(), c.size());
        for (int i = 0; i < c.layers(); i++) {
            layers.add(new Layer(p.at("layers").at(i), c));
        }
        projOut = new Linear(p.at("proj_out"), c.size(), c.out());
        normOut = new LayerNorm(p.at("norm_out"), c.out(), 1e-5);
    }

    /** states [B,n,in] -> [B,queries,out]. */
    Tensor forward(Tensor states) {
        Tensor x = projIn.forward(states);
        Tensor queries = Ops.repeatTo(latents, x.size(0));
        for (Layer layer : layers) {
            queries = layer.forward(x, queries);
        }
        return normOut.forward(projOut.forward(queries));
    }

    /** Keys: {@code 0.norm1}, {@code 0.norm2}, {@code 0.to_q}, {@code 0.to_kv}, {@code 0.to_out}, {@code 1.0}, {@code 1.1}, {@code 1.3}. */
    private static final class Layer {
        private final LayerNorm norm1;
        private final LayerNorm norm2;
        private final Linear toQ;
        private final Linear toKv;
        private final Linear toOut;
        private final LayerNorm norm3;
        private final Linear widen;
        private final Linear narrow;
        private final long heads;

        Layer(Params p, IpAdapterConfig.Plus c) {
            Params attention = p.at(0);
            Params perceptron = p.at(1);
            heads = c.heads();
            long inner = heads * HEAD;
            norm1 = new LayerNorm(attention.at("norm1"), c.size(), 1e-5);
            norm2 = new LayerNorm(attention.at("norm2"), c.size(), 1e-5);
            toQ = new Linear(attention.at("to_q"), c.size(), inner, false);
            toKv = new Linear(attention.at("to_kv"), c.size(), 2 * inner, false);
            toOut = new Linear(attention.at("to_out"), inner, c.size(), false);
            norm3 = new LayerNorm(perceptron.at(0), c.size(), 1e-5);
            widen = new Linear(perceptron.at(1), c.size(), c.inner(), false);
            narrow = new Linear(perceptron.at(3), c.inner(), c.size(), false);
        }

        /** x [B,n,size], queries [B,q,size] -> [B,q,size]. The queries look at the picture and at each other. */
        Tensor forward(Tensor x, Tensor queries) {
            Tensor asking = norm2.forward(queries);
            Tensor[] kv = Ops.chunk(toKv.forward(Ops.cat(1, norm1.forward(x), asking)), 2, -1);
            Tensor attended = Attention.attendAcross(
                    Attention.splitHeads(toQ.forward(asking), heads),
                    Attention.splitHeads(kv[0], heads),
                    Attention.splitHeads(kv[1], heads),
                    null,
                    0);
            Tensor y = toOut.forward(Attention.mergeHeads(attended)).add(queries);
            return narrow.forward(Functional.gelu(widen.forward(norm3.forward(y))))
                    .add(y);
        }
    }
}
