package dev.latente.models.kunet;

import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import org.bytedeco.pytorch.Tensor;

/** Halving and doubling by the kernel 1/8, 3/8, 3/8, 1/8 along each side, with mirrored borders; no weights. */
final class Resampling {
    private Resampling() {}

    /** x [B,C,H,W] -> [B,C,H/2,W/2]. */
    static Tensor halved(Tensor x) {
        return halved(halved(Functional.padMirrored(x, 1), 2), 3);
    }

    private static Tensor halved(Tensor x, int dim) {
        long n = (x.size(dim) - 2) / 2;
        Tensor outer = Ops.every(x, dim, 0, 2)
                .narrow(dim, 0, n)
                .add(Ops.every(x, dim, 3, 2).narrow(dim, 0, n));
        Tensor inner = Ops.every(x, dim, 1, 2)
                .narrow(dim, 0, n)
                .add(Ops.every(x, dim, 2, 2).narrow(dim, 0, n));
        return Ops.combine(1 / 8.0, outer, 3 / 8.0, inner);
    }

    /** x [B,C,H,W] -> [B,C,2H,2W]. */
    static Tensor doubled(Tensor x) {
        return doubled(doubled(Functional.padMirrored(x, 1), 2), 3);
    }

    /** A new pixel is three quarters of the old one that it lies in and a quarter of the nearest other. */
    private static Tensor doubled(Tensor x, int dim) {
        long n = x.size(dim) - 2;
        Tensor own = x.narrow(dim, 1, n);
        Tensor even = Ops.combine(0.75, own, 0.25, x.narrow(dim, 0, n));
        Tensor odd = Ops.combine(0.75, own, 0.25, x.narrow(dim, 2, n));
        return Ops.stack(dim + 1, even, odd).flatten(dim, dim + 1);
    }
}
