package dev.latente.nn;

import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Rotary position embedding over several axes (Su et al. 2021, section 3.2.2): neighbouring numbers of a query or a key are a
 * point that is turned by an angle in proportion to the token's position; each axis turns a part of them. Immutable.
 */
public final class RotaryEmbedding {
    private static final double THETA = 10_000;

    private final Tensor cos; // [n,d/2] fp32
    private final Tensor sin;

    /**
     * @param positions of n tokens on every axis [n,axes]
     * @param sizes how many numbers of a head each axis turns, even ones; d together
     */
    public RotaryEmbedding(Tensor positions, List<Long> sizes) {
        if (positions.size(1) != sizes.size()) {
            throw new IllegalArgumentException(
                    "positions: got [%d] axes, wanted [%d]: one for each of axes_dims_rope %s"
                            .formatted(positions.size(1), sizes.size(), sizes));
        }
        Tensor[] angles = new Tensor[sizes.size()];
        for (int axis = 0; axis < angles.length; axis++) {
            Tensor frequencies = Ops.to(frequencies(sizes.get(axis)), Ops.device(positions));
            angles[axis] =
                    Ops.to(positions.select(1, axis), DType.F64).unsqueeze(1).mul(frequencies);
        }
        Tensor all = Ops.cat(1, angles); // in fp64: positions are many turns of the fastest axis
        cos = Ops.to(all.cos(), DType.F32);
        sin = Ops.to(all.sin(), DType.F32);
    }

    /** θ^(-2i/size) for each pair i [size/2], fp64. */
    private static Tensor frequencies(long size) {
        double[] values = new double[Math.toIntExact(size / 2)];
        for (int i = 0; i < values.length; i++) {
            values[i] = 1 / Math.pow(THETA, 2.0 * i / size);
        }
        return Ops.of(values, values.length);
    }

    /** x [B,heads,n,d] -> the same shape and dtype. */
    public Tensor apply(Tensor x) {
        Tensor wide = Ops.to(x, DType.F32);
        Tensor even = Ops.every(wide, -1, 0, 2); // [B,heads,n,d/2]
        Tensor odd = Ops.every(wide, -1, 1, 2);
        Tensor turned =
                Ops.stack(-1, even.mul(cos).sub(odd.mul(sin)), odd.mul(cos).add(even.mul(sin)));
        return Ops.to(turned.flatten(-2, -1), Ops.dtype(x));
    }
}
