package dev.latente.training;

import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** How an optimiser keeps a running mean between its steps; zeros at first. */
sealed interface Moment permits Moment.Exact, QuantizedMoment {
    /**
     * The elements of a slice, fp32 [count], to be changed in place.
     *
     * @param from a multiple of {@link QuantizedMoment#BLOCK}
     */
    Tensor load(long from, long count);

    /** Keeps what became of them. */
    void store(long from, Tensor slice);

    /** What has to be saved, by name. */
    Map<String, Tensor> state(String name);

    /** In fp32. */
    record Exact(Tensor values) implements Moment {
        static Moment zeros(long n, Device device, Arena arena) {
            return new Exact(arena.own(() -> Ops.zeros(DType.F32, device, n)));
        }

        @Override
        public Tensor load(long from, long count) {
            return values.narrow(0, from, count);
        }

        @Override
        public void store(long from, Tensor slice) {
            // The slice is the memory itself.
        }

        @Override
        public Map<String, Tensor> state(String name) {
            return Map.of(name, values);
        }
    }
}
