package dev.latente.nn;

import dev.latente.tensor.LinearOp;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/** Affine map of the last dimension. Keys: {@code weight} [out,in], {@code bias} [out]. */
public final class Linear {
    private final Held<LinearOp> op;

    public Linear(Params p, long in, long out) {
        this(p, in, out, true);
    }

    public Linear(Params p, long in, long out, boolean withBias) {
        this(p.linear(out, in, withBias, out, in));
    }

    private Linear(Held<LinearOp> op) {
        this.op = op;
    }

    /** The map that a 1x1 convolution makes at every position; its weight is stored as [out,in,1,1]. */
    public static Linear pointwise(Params p, long in, long out) {
        return pointwise(p, in, out, true);
    }

    /** As {@link #pointwise(Params, long, long)}, of a convolution that may have no bias. */
    public static Linear pointwise(Params p, long in, long out, boolean withBias) {
        return new Linear(p.linear(out, in, withBias, out, in, 1, 1));
    }

    /** x [...,in] -> [...,out]. */
    public Tensor forward(Tensor x) {
        return op.use(map -> map.apply(x));
    }

    /** forward(x) + y [...,out], in one pass where there is a kernel for it. */
    public Tensor plus(Tensor x, Tensor y) {
        return op.use(map -> map.plus(x, y));
    }

    /** What each map makes of x; cheaper than one after the other where weights are of 8 bits. */
    public static List<Tensor> each(Tensor x, Linear... maps) {
        return use(List.of(maps), new ArrayList<>(), ops -> LinearOp.each(x, ops.toArray(LinearOp[]::new)));
    }

    /** Uses all maps at once: those {@code open} so far and the others. */
    private static <R> R use(List<Linear> maps, List<LinearOp> open, Function<List<LinearOp>, R> body) {
        if (open.size() == maps.size()) {
            return body.apply(open);
        }
        return maps.get(open.size()).op.use(map -> {
            open.add(map);
            return use(maps, open, body);
        });
    }
}
