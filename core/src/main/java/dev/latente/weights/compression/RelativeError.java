package dev.latente.weights.compression;

import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import org.bytedeco.pytorch.Tensor;

/** How far a tensor is from what it should be: ‖got − expected‖ / ‖expected‖, Euclidean. */
public final class RelativeError {
    private RelativeError() {}

    /** Of two tensors of one shape; 0 where both are zero. */
    public static double of(Tensor expected, Tensor got) {
        return Scopes.within(() -> {
            Tensor e = Ops.to(expected, DType.F32, Device.CPU);
            double difference = Ops.to(got, DType.F32, Device.CPU).sub(e).norm().item_double();
            return difference == 0 ? 0 : difference / e.norm().item_double();
        });
    }
}
