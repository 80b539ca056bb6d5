package dev.latente.nn;

import dev.latente.tensor.LinearOp;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Perceptron with a gated GELU (Shazeer 2020, section 2). Keys: {@code net.0.proj}, {@code net.2}. */
public final class GegluFeedForward {
    private final Held<List<LinearOp>> halves; // value, gate
    private final Linear out;

    public GegluFeedForward(Params p, long size) {
        halves = p.at("net").at(0).at("proj").linears(2, 8 * size, size, true, 8 * size, size);
        out = new Linear(p.at("net").at(2), 4 * size, size);
    }

    /** x [...,size] -> y plus what the perceptron makes of x, of the same shape. */
    public Tensor plus(Tensor x, Tensor y) {
        return out.plus(halves.use(maps -> LinearOp.geglu(x, maps.get(0), maps.get(1))), y);
    }
}
