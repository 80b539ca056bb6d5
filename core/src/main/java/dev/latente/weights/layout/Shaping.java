package dev.latente.weights.layout;

import dev.latente.tensor.Ops;
import dev.latente.weights.Quantized;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** How a weight of the original layout becomes one or several canonical ones, and back. */
enum Shaping {
    /** The same tensor. */
    COPY,
    /** A 1x1 convolution [out,in,1,1] that is canonically a matrix [out,in]; vectors and matrices stay what they are. */
    POINTWISE,
    /** A matrix that is canonically its transpose. */
    TRANSPOSE,
    /** Canonical weights one below the other. */
    FUSE,
    /** Canonical weights one below the other: queries, keys, values, and a perceptron with four times as many outputs. */
    FUSE_WITH_PERCEPTRON,
    /** The second half of the outputs, then the first: what the original code calls shift and scale, and diffusers scale and shift. */
    SWAP;

    /** The outputs of a perceptron beside an attention, as a multiple of its inputs. */
    private static final int WIDER = 4;

    /** The canonical shape of one of {@code parts} weights that were stored with that shape. */
    List<Long> shape(List<Long> stored, int part, int parts) {
        List<Long> shape = new ArrayList<>(stored);
        switch (this) {
            case COPY, SWAP -> {}
            case POINTWISE -> {
                if (stored.size() == 4) {
                    shape = shape.subList(0, 2);
                }
            }
            case TRANSPOSE -> Collections.reverse(shape);
            case FUSE, FUSE_WITH_PERCEPTRON -> shape.set(0, rows(stored.get(0), part, parts));
        }
        return List.copyOf(shape);
    }

    /** Stored -> canonical. */
    Tensor read(Tensor stored, int part, int parts) {
        return switch (this) {
            case COPY -> stored;
            case POINTWISE -> stored.dim() == 4 ? stored.view(stored.size(0), stored.size(1)) : stored;
            case TRANSPOSE -> stored.t().contiguous();
            case FUSE, FUSE_WITH_PERCEPTRON ->
                stored.narrow(0, first(stored.size(0), part, parts), rows(stored.size(0), part, parts))
                        .contiguous();
            case SWAP -> swapped(stored);
        };
    }

    /** Of so many rows in all, those of a part. */
    private long rows(long all, int part, int parts) {
        if (this == FUSE) {
            return all / parts;
        }
        long unit = all / (parts - 1 + WIDER);
        return part == parts - 1 ? WIDER * unit : unit;
    }

    /** The first row of a part; those before it are as high as the first. */
    private long first(long all, int part, int parts) {
        return part * rows(all, 0, parts);
    }

    private static Tensor swapped(Tensor x) {
        Tensor[] halves = Ops.chunk(x, 2, 0);
        return Ops.cat(0, halves[1], halves[0]);
    }

    /** Stored -> canonical; null where the scales of output channels would become those of input channels, or change places. */
    @Nullable
    Quantized read(Quantized stored, int part, int parts) {
        long[] shape = Ops.shape(stored.values());
        return switch (this) {
            case COPY -> stored;
            case POINTWISE -> shape.length == 4 ? stored.view(shape[0], shape[1]) : stored;
            case TRANSPOSE, SWAP -> null;
            case FUSE, FUSE_WITH_PERCEPTRON -> stored.narrow(first(shape[0], part, parts), rows(shape[0], part, parts));
        };
    }

    /** Canonical -> stored. */
    Tensor write(List<Tensor> parts) {
        Tensor first = parts.get(0);
        return switch (this) {
            case COPY -> first;
            case POINTWISE -> first.dim() == 2 ? first.unsqueeze(-1).unsqueeze(-1) : first;
            case TRANSPOSE -> first.t().contiguous();
            case FUSE, FUSE_WITH_PERCEPTRON -> Ops.cat(0, parts.toArray(new Tensor[0]));
            case SWAP -> swapped(first);
        };
    }
}
