package dev.latente.models.mmdit;

import dev.latente.nn.Linear;
import dev.latente.nn.Params;
import dev.latente.nn.RmsNorm;
import dev.latente.tensor.Attention;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Queries, keys and values of one stream, normalised head by head where the model is so (Esser et al. 2024, section 5.3.2). */
public final class Projections {
    private static final double EPS = 1e-6;

    private final Linear toQ;
    private final Linear toK;
    private final Linear toV;
    private final @Nullable RmsNorm normQ;
    private final @Nullable RmsNorm normK;
    private final long count;

    private Projections(Params p, Heads heads, String toQ, String toK, String toV, String norm) {
        this.toQ = new Linear(p.at(toQ), heads.width(), heads.width());
        this.toK = new Linear(p.at(toK), heads.width(), heads.width());
        this.toV = new Linear(p.at(toV), heads.width(), heads.width());
        normQ = heads.qkNorm() ? new RmsNorm(p.at(norm + "q"), heads.size(), EPS) : null;
        normK = heads.qkNorm() ? new RmsNorm(p.at(norm + "k"), heads.size(), EPS) : null;
        count = heads.count();
    }

    /** Keys: {@code to_q}, {@code to_k}, {@code to_v}, {@code norm_q}, {@code norm_k}. */
    public static Projections picture(Params p, Heads heads) {
        return new Projections(p, heads, "to_q", "to_k", "to_v", "norm_");
    }

    /** Keys: {@code add_q_proj}, {@code add_k_proj}, {@code add_v_proj}, {@code norm_added_q}, {@code norm_added_k}. */
    static Projections text(Params p, Heads heads) {
        return new Projections(p, heads, "add_q_proj", "add_k_proj", "add_v_proj", "norm_added_");
    }

    /** x [B,n,size] -> [B,heads,n,headSize]. */
    public Tensor queries(Tensor x) {
        return normalised(normQ, Attention.splitHeads(toQ.forward(x), count));
    }

    /** Likewise. */
    public Tensor keys(Tensor x) {
        return normalised(normK, Attention.splitHeads(toK.forward(x), count));
    }

    /** Likewise, never normalised. */
    public Tensor values(Tensor x) {
        return Attention.splitHeads(toV.forward(x), count);
    }

    private static Tensor normalised(@Nullable RmsNorm norm, Tensor x) {
        return norm == null ? x : norm.forward(x);
    }
}
