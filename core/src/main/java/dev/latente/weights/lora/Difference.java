package dev.latente.weights.lora;

import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * The whole difference of a weight, a bias or what a normalisation has.
 *
 * @param value of as many numbers as the weight, outputs first
 * @param factor 1 where nothing is to be scaled
 */
record Difference(Tensor value, double factor) implements Change.Delta {
    Difference {
        if (value.dim() == 0) {
            throw new IllegalArgumentException("is one number, wanted the difference of a weight");
        }
    }

    @Override
    public long out() {
        return value.size(0);
    }

    @Override
    public long in() {
        return value.numel() / value.size(0);
    }

    @Override
    public Difference rows(UnaryOperator<Tensor> rows, Arena arena) {
        return new Difference(arena.own(() -> rows.apply(value)), factor);
    }

    @Override
    public Tensor product(Device device) {
        return Ops.to(value, DType.F32, device).reshape(out(), in());
    }
}
