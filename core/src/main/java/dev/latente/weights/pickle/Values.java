package dev.latente.weights.pickle;

import dev.latente.tensor.DType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What an unpickled object can be, beside {@link String}, {@link Long}, {@link java.math.BigInteger}, {@link Double} and
 * {@link Boolean}: data without behaviour. Containers compare by identity, so that nothing ever walks a graph that the file
 * has made deep or cyclic.
 */
final class Values {
    private Values() {}

    enum None {
        NONE
    }

    /** The name of a Python object; never the object. */
    record Global(String module, String name) {
        @Override
        public String toString() {
            return module + "." + name;
        }
    }

    static final class Dict {
        final Map<Object, Object> entries = new LinkedHashMap<>();
    }

    /** A list, tuple or set. */
    static final class Items {
        final boolean tuple;
        final List<Object> values;

        Items(boolean tuple, List<Object> values) {
            this.tuple = tuple;
            this.values = values;
        }

        static Items list() {
            return new Items(false, new ArrayList<>(0));
        }
    }

    /** Something known to be harmless that no weight depends on, such as a numpy scalar. */
    record Opaque(String what) {
        @Override
        public String toString() {
            return what;
        }
    }

    /** The bytes of one or more tensors, which lie elsewhere in the file. */
    record StorageRef(String key, DType dtype, long elements) {
        long bytes() {
            return Math.multiplyExact(elements, dtype.bytes());
        }
    }

    /** A strided view of a storage; offset and strides count elements. */
    record TensorRef(StorageRef storage, DType dtype, long offset, List<Long> size, List<Long> stride) {
        TensorRef {
            size = List.copyOf(size);
            stride = List.copyOf(stride);
        }

        /** @throws ArithmeticException if it does not fit 64 bits */
        long elements() {
            return size.stream().reduce(1L, Math::multiplyExact);
        }

        /** How many elements of the storage lie between its first and its last, both included. */
        long span() {
            if (size.contains(0L)) {
                return 0;
            }
            return IntStream.range(0, size.size())
                    .mapToLong(i -> Math.multiplyExact(size.get(i) - 1, stride.get(i)))
                    .reduce(1, Math::addExact);
        }
    }

    /** For messages: what it is, never what it holds. */
    static String kind(Object value) {
        if (value instanceof Dict) {
            return "dict";
        }
        if (value instanceof Items items) {
            return items.tuple ? "tuple" : "list";
        }
        if (value instanceof TensorRef) {
            return "tensor";
        }
        if (value instanceof StorageRef) {
            return "storage";
        }
        return value instanceof Global || value instanceof Opaque
                ? value.toString()
                : value.getClass().getSimpleName();
    }
}
