package dev.latente.models.mmdit;

import dev.latente.nn.Linear;
import dev.latente.nn.Params;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Layer normalisation whose scales and shifts, and the gates of what follows, are linear in an embedding (Peebles and Xie 2023,
 * section 3.2, adaLN). Key: {@code linear}.
 */
public final class AdaLayerNorm {
    private static final double EPS = 1e-6;

    private final Linear linear;
    private final int parts;

    /** @param parts vectors that a token is told */
    public AdaLayerNorm(Params p, long size, int parts) {
        linear = new Linear(p.at("linear"), size, parts * size);
        this.parts = parts;
    }

    /** embedding [B,size] -> parts of [B,1,size]. */
    public List<Tensor> modulation(Tensor embedding) {
        return List.of(Ops.chunk(linear.forward(Functional.silu(embedding)).unsqueeze(1), parts, -1));
    }

    /** x [B,n,size], shift and scale [B,1,size] -> [B,n,size]. */
    public static Tensor modulate(Tensor x, Tensor shift, Tensor scale) {
        return Functional.layerNorm(x, null, null, EPS).mul(Ops.add(scale, 1)).add(shift);
    }
}
