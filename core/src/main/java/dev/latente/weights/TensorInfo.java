package dev.latente.weights;

import java.util.List;

/**
 * What a file says of a tensor.
 *
 * @param name its key
 * @param dtype the format's own name of the element type, such as {@code F16} or {@code Q4_K}
 * @param shape sizes, outermost first
 * @param bytes size in the file
 */
public record TensorInfo(String name, String dtype, List<Long> shape, long bytes) {
    public TensorInfo {
        shape = List.copyOf(shape);
    }

    public long elements() {
        return shape.stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b);
    }

    public long[] dims() {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }
}
