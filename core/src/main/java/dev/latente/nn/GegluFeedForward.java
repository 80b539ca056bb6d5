package dev.latente.nn;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Perceptron with a gated GELU (Shazeer 2020, section 2). Keys: {@code net.0.proj}, {@code net.2}. */
public final class GegluFeedForward {
    private final Linear value;
    private final Linear gate;
    private final Linear out;

    public GegluFeedForward(Params p, long size) {
        List<Linear> halves = Linear.split(p.at("net").at(0).at("proj"), size, 8 * size, 2);
        value = halves.get(0);
        gate = halves.get(1);
        out = new Linear(p.at("net").at(2), 4 * size, size);
    }

    /** x [...,size] -> y plus what the perceptron makes of x, of the same shape. */
    public Tensor plus(Tensor x, Tensor y) {
        return out.plus(Linear.geglu(x, value, gate), y);
    }
}
