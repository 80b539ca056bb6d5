package dev.latente.weights;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** An opened checkpoint file, of any format. Thread-safe; the weights stay valid after it is closed. */
public interface TensorFile extends WeightSource, AutoCloseable {
    Path path();

    /** Every tensor in the file, in the file's order. */
    Map<String, TensorInfo> tensors();

    /** Text that the file carries beside the tensors. */
    Map<String, String> metadata();

    /** The tensor as it is stored (dequantised, where the format is quantised), in the caller's scope. */
    Tensor tensor(String key);

    /** The tensor as whole numbers with a scale for each output channel; null where it is stored otherwise. */
    default @Nullable Quantized quantizedTensor(String key) {
        return null;
    }

    @Override
    default Set<String> keys() {
        return tensors().keySet();
    }

    @Override
    default Tensor get(String key, long... shape) {
        require(key, shape);
        return tensor(key);
    }

    @Override
    default @Nullable Quantized quantized(String key, long... shape) {
        require(key, shape);
        return quantizedTensor(key);
    }

    @Override
    default void require(String key, long... shape) {
        TensorInfo info = tensors().get(key);
        if (info == null) {
            throw new WeightsException(path(), key, "is missing");
        }
        if (!Arrays.equals(info.dims(), shape)) {
            throw new WeightsException(
                    path(), key, "has shape %s, wanted %s".formatted(info.shape(), Arrays.toString(shape)));
        }
    }

    @Override
    default String origin() {
        return path().toString();
    }

    @Override
    void close();
}
