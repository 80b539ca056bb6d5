package dev.latente.nn;

import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/** Table of vectors. Key: {@code weight} [count,d]. */
public final class Embedding {
    private final Tensor weight; // [count,d]

    public Embedding(Params p, long count, long size) {
        weight = p.get("weight", count, size);
    }

    /** ids [B,n] int64, on any device -> [B,n,d]. */
    public Tensor forward(Tensor ids) {
        return Functional.embedding(weight, Ops.to(ids, Ops.device(weight)));
    }

    /** Rows in row-major order -> [shape...,d], on the device of the table. */
    public Tensor forward(long[] rows, long... shape) {
        return forward(Ops.of(rows, shape));
    }
}
