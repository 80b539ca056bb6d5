package dev.latente.weights.lora;

import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * Some rows of a change that is made as a whole.
 *
 * @param rows takes them of a tensor whose first dimension is the whole's
 */
record Rows(Change.Delta whole, UnaryOperator<Tensor> rows) implements Change.Delta {
    @Override
    public long out() {
        return Scopes.within(() -> rows.apply(Ops.range(whole.out())).numel());
    }

    @Override
    public long in() {
        return whole.in();
    }

    @Override
    public Tensor product(Device device) {
        return rows.apply(whole.product(device));
    }

    @Override
    public double factor() {
        return whole.factor();
    }
}
