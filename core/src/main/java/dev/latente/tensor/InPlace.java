package dev.latente.tensor;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Changes of memory that is there, for optimisers and averages; none of them records a gradient's path. */
public final class InPlace {
    private InPlace() {}

    /** x · factor. */
    public static void scale(Tensor x, double factor) {
        try (Scalar f = new Scalar(factor)) {
            x.mul_(f);
        }
    }

    /** x + value. */
    public static void add(Tensor x, double value) {
        try (Scalar v = new Scalar(value)) {
            x.add_(v);
        }
    }

    /** x + weight · (y - x). */
    public static void lerp(Tensor x, Tensor y, double weight) {
        try (Scalar w = new Scalar(weight)) {
            x.lerp_(y, w);
        }
    }

    /** x + factor · a · b. */
    public static void addProduct(Tensor x, Tensor a, Tensor b, double factor) {
        try (Scalar f = new Scalar(factor)) {
            x.addcmul_(a, b, f);
        }
    }

    /** x + factor · a / b. */
    public static void addQuotient(Tensor x, Tensor a, Tensor b, double factor) {
        try (Scalar f = new Scalar(factor)) {
            x.addcdiv_(a, b, f);
        }
    }
}
