package dev.latente.nn;

import dev.latente.tensor.Functional;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Affine map of the last dimension. Keys: {@code weight} [out,in], {@code bias} [out]. */
public final class Linear {
    private final Tensor weight; // [out,in]
    private final @Nullable Tensor bias; // [out]

    public Linear(Params p, long in, long out) {
        this(p, in, out, true);
    }

    public Linear(Params p, long in, long out, boolean withBias) {
        weight = p.get("weight", out, in);
        bias = withBias ? p.get("bias", out) : null;
    }

    private Linear(Tensor weight, @Nullable Tensor bias) {
        this.weight = weight;
        this.bias = bias;
    }

    /** The map that a 1x1 convolution makes at every position; its weight is stored as [out,in,1,1]. */
    public static Linear pointwise(Params p, long in, long out) {
        Tensor stored = p.get("weight", out, in, 1, 1);
        return new Linear(p.derive(() -> stored.view(out, in)), p.get("bias", out));
    }

    /** Equal parts of the outputs of one map, each of which is contiguous; one after the other they are what the map gives. */
    public static List<Linear> split(Params p, long in, long out, int parts) {
        Tensor weight = p.get("weight", out, in);
        Tensor bias = p.get("bias", out);
        long size = out / parts;
        return IntStream.range(0, parts)
                .mapToObj(i -> new Linear(
                        p.derive(() -> weight.narrow(0, i * size, size)),
                        p.derive(() -> bias.narrow(0, i * size, size))))
                .toList();
    }

    /** x [...,in] -> [...,out]. */
    public Tensor forward(Tensor x) {
        return Functional.linear(x, weight, bias);
    }
}
