package dev.latente.nn;

import dev.latente.tensor.LinearOp;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Affine map of the last dimension. Keys: {@code weight} [out,in], {@code bias} [out]. */
public final class Linear {
    private final LinearOp op;

    public Linear(Params p, long in, long out) {
        this(p, in, out, true);
    }

    public Linear(Params p, long in, long out, boolean withBias) {
        this(p.linear(out, in, withBias, out, in));
    }

    private Linear(LinearOp op) {
        this.op = op;
    }

    /** The map that a 1x1 convolution makes at every position; its weight is stored as [out,in,1,1]. */
    public static Linear pointwise(Params p, long in, long out) {
        return new Linear(p.linear(out, in, true, out, in, 1, 1));
    }

    /** Equal parts of the outputs of one map, each of which is contiguous; one after the other they are what the map gives. */
    public static List<Linear> split(Params p, long in, long out, int parts) {
        return p.linears(parts, out, in, true, out, in).stream()
                .map(Linear::new)
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

    /** What each map makes of x; cheaper than one after the other where weights are of 8 bits. */
    public static List<Tensor> each(Tensor x, Linear... maps) {
        return LinearOp.each(x, Arrays.stream(maps).map(map -> map.op).toArray(LinearOp[]::new));
    }

    /** value(x) · GELU(gate(x)), by the error function. */
    static Tensor geglu(Tensor x, Linear value, Linear gate) {
        return LinearOp.geglu(x, value.op, gate.op);
    }
}
