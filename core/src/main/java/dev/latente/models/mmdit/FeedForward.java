package dev.latente.models.mmdit;

import dev.latente.nn.Linear;
import dev.latente.nn.Params;
import dev.latente.tensor.Functional;
import org.bytedeco.pytorch.Tensor;

/** Perceptron with a GELU by its tanh approximation. Keys: {@code net.0.proj}, {@code net.2}. */
final class FeedForward {
    private final Linear proj;
    private final Linear out;

    FeedForward(Params p, long size) {
        proj = new Linear(p.at("net").at(0).at("proj"), size, 4 * size);
        out = new Linear(p.at("net").at(2), 4 * size, size);
    }

    /** x [...,size] -> the same shape. */
    Tensor forward(Tensor x) {
        return out.forward(Functional.geluTanh(proj.forward(x)));
    }
}
