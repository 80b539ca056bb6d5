package dev.latente.nn;

import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/** Perceptron with a gated GELU (Shazeer 2020, section 2). Keys: {@code net.0.proj}, {@code net.2}. */
public final class GegluFeedForward {
    private final Linear proj;
    private final Linear out;

    public GegluFeedForward(Params p, long size) {
        proj = new Linear(p.at("net").at(0).at("proj"), size, 8 * size);
        out = new Linear(p.at("net").at(2), 4 * size, size);
    }

    /** x [...,size] -> the same shape. */
    public Tensor forward(Tensor x) {
        Tensor[] valueAndGate = Ops.chunk(proj.forward(x), 2, -1);
        return out.forward(valueAndGate[0].mul(Functional.gelu(valueAndGate[1])));
    }
}
