package dev.latente.nn;

import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/** Table of vectors. Key: {@code weight} [count,d]. */
public final class Embedding {
    private final Held<Tensor> weight; // [count,d]

    public Embedding(Params p, long count, long size) {
        weight = p.table("weight", count, size);
    }

    /** ids [B,n] int64, on any device -> [B,n,d]. */
    public Tensor forward(Tensor ids) {
        return weight.use(table -> Functional.embedding(table, Ops.to(ids, Ops.device(table))));
    }

    /** Rows in row-major order -> [shape...,d], on the device of the table. */
    public Tensor forward(long[] rows, long... shape) {
        return forward(Ops.of(rows, shape));
    }
}
