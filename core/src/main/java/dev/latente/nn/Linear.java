package dev.latente.nn;

import dev.latente.tensor.LinearOp;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Affine map of the last dimension. Keys: {@code weight} [out,in], {@code bias} [out]. */
public final class Linear {
    private final LinearOp op;

    public Linear(Params p, long in, long out) {
        this(p, in, out, true);
    }

    public Linear(Params p, long in, long out, boolean withBias) {
        this(p.get(p.layout()::linear, "weight", out, in), withBias ? p.get("bias", out) : null);
    }

    private Linear(Tensor weight, @Nullable Tensor bias) {
        op = LinearOp.of(weight, bias);
    }

    /** The map that a 1x1 convolution makes at every position; its weight is stored as [out,in,1,1]. */
    public static Linear pointwise(Params p, long in, long out) {
        return new Linear(p.get(w -> p.layout().linear(w.view(out, in)), "weight", out, in, 1, 1), p.get("bias", out));
    }

    /** Equal parts of the outputs of one map, each of which is contiguous; one after the other they are what the map gives. */
    public static List<Linear> split(Params p, long in, long out, int parts) {
        List<Tensor> weights = p.parts(p.layout()::linear, parts, "weight", out, in);
        List<Tensor> biases = p.parts(b -> b, parts, "bias", out);
        return IntStream.range(0, parts)
                .mapToObj(i -> new Linear(weights.get(i), biases.get(i)))
                .toList();
    }

    /** x [...,in] -> [...,out]. */
    public Tensor forward(Tensor x) {
        return op.apply(x);
    }

    /** forward(x) + y [...,out], in one pass where there is a kernel for it. */
    public Tensor plus(Tensor x, Tensor y) {
        return op.plus(x, y);
    }

    /** forward(x) · y [...,out], in one pass where there is a kernel for it. */
    public Tensor times(Tensor x, Tensor y) {
        return op.times(x, y);
    }

    /** GELU of forward(x), by the error function, in one pass where there is a kernel for it. */
    public Tensor gelu(Tensor x) {
        return op.gelu(x);
    }
}
