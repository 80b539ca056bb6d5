package dev.latente.models.mmdit;

import dev.latente.nn.Linear;
import dev.latente.nn.Params;
import dev.latente.nn.RmsNorm;
import dev.latente.tensor.Attention;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Queries, keys and values of one stream, normalised head by head where the model is so (Esser et al. 2024, section 5.3.2). */
final class Projections {
    private static final double EPS = 1e-6;

    private final Linear toQ;
    private final Linear toK;
    private final Linear toV;
    private final @Nullable RmsNorm normQ;
    private final @Nullable RmsNorm normK;
    private final long heads;

    private Projections(Params p, MMDiTConfig c, String toQ, String toK, String toV, String norm) {
        this.toQ = new Linear(p.at(toQ), c.size(), c.size());
        this.toK = new Linear(p.at(toK), c.size(), c.size());
        this.toV = new Linear(p.at(toV), c.size(), c.size());
        normQ = c.qkNorm() ? new RmsNorm(p.at(norm + "q"), c.headSize(), EPS) : null;
        normK = c.qkNorm() ? new RmsNorm(p.at(norm + "k"), c.headSize(), EPS) : null;
        heads = c.heads();
    }

    /** Keys: {@code to_q}, {@code to_k}, {@code to_v}, {@code norm_q}, {@code norm_k}. */
    static Projections picture(Params p, MMDiTConfig c) {
        return new Projections(p, c, "to_q", "to_k", "to_v", "norm_");
    }

    /** Keys: {@code add_q_proj}, {@code add_k_proj}, {@code add_v_proj}, {@code norm_added_q}, {@code norm_added_k}. */
    static Projections text(Params p, MMDiTConfig c) {
        return new Projections(p, c, "add_q_proj", "add_k_proj", "add_v_proj", "norm_added_");
    }

    /** x [B,n,size] -> [B,heads,n,headSize]. */
    Tensor queries(Tensor x) {
        return normalised(normQ, Attention.splitHeads(toQ.forward(x), heads));
    }

    Tensor keys(Tensor x) {
        return normalised(normK, Attention.splitHeads(toK.forward(x), heads));
    }

    Tensor values(Tensor x) {
        return Attention.splitHeads(toV.forward(x), heads);
    }

    private static Tensor normalised(@Nullable RmsNorm norm, Tensor x) {
        return norm == null ? x : norm.forward(x);
    }
}
