package dev.latente.weights.pickle;

import static dev.latente.weights.pickle.Globals.Call.DICT;
import static dev.latente.weights.pickle.Globals.Call.OPAQUE;
import static dev.latente.weights.pickle.Globals.Call.PARAMETER;
import static dev.latente.weights.pickle.Globals.Call.SEQUENCE;
import static dev.latente.weights.pickle.Globals.Call.TENSOR;
import static dev.latente.weights.pickle.Globals.Call.TENSOR_OF_DTYPE;
import static java.util.Map.entry;

import dev.latente.tensor.DType;
import dev.latente.weights.pickle.Values.Dict;
import dev.latente.weights.pickle.Values.Global;
import dev.latente.weights.pickle.Values.Items;
import dev.latente.weights.pickle.Values.Opaque;
import dev.latente.weights.pickle.Values.StorageRef;
import dev.latente.weights.pickle.Values.TensorRef;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The closed table of the 25 Python names that mean anything here. Any other name may stand in a file (old checkpoints name
 * the classes of their training framework) but cannot be called, built or constructed.
 */
final class Globals {
    enum Call {
        TENSOR,
        TENSOR_OF_DTYPE,
        PARAMETER,
        DICT,
        SEQUENCE,
        OPAQUE
    }

    static final Map<Global, Call> CALLS = Map.ofEntries(
            entry(new Global("torch._utils", "_rebuild_tensor"), TENSOR),
            entry(new Global("torch._utils", "_rebuild_tensor_v2"), TENSOR),
            entry(new Global("torch._utils", "_rebuild_tensor_v3"), TENSOR_OF_DTYPE),
            entry(new Global("torch._utils", "_rebuild_parameter"), PARAMETER),
            entry(new Global("collections", "OrderedDict"), DICT),
            entry(new Global("torch", "Size"), SEQUENCE),
            entry(new Global("builtins", "set"), SEQUENCE),
            entry(new Global("numpy.core.multiarray", "scalar"), OPAQUE),
            entry(new Global("numpy.core.multiarray", "_reconstruct"), OPAQUE),
            entry(new Global("numpy", "dtype"), OPAQUE),
            entry(new Global("_codecs", "encode"), OPAQUE));

    static final Map<Global, DType> STORAGES = Map.ofEntries(
            entry(new Global("torch", "DoubleStorage"), DType.F64),
            entry(new Global("torch", "FloatStorage"), DType.F32),
            entry(new Global("torch", "HalfStorage"), DType.F16),
            entry(new Global("torch", "BFloat16Storage"), DType.BF16),
            entry(new Global("torch", "LongStorage"), DType.I64),
            entry(new Global("torch", "IntStorage"), DType.I32),
            entry(new Global("torch", "ShortStorage"), DType.I16),
            entry(new Global("torch", "CharStorage"), DType.I8),
            entry(new Global("torch", "ByteStorage"), DType.U8),
            entry(new Global("torch", "BoolStorage"), DType.BOOL),
            entry(new Global("torch", "ComplexFloatStorage"), DType.C64),
            entry(new Global("torch.storage", "UntypedStorage"), DType.U8));

    static final Map<Global, DType> DTYPES = Map.of(
            new Global("torch", "float8_e4m3fn"), DType.F8_E4M3,
            new Global("torch", "float8_e5m2"), DType.F8_E5M2);

    private Globals() {}

    /** Python 2 and numpy 2 have other names for the same modules. */
    static Global named(String module, String name) {
        String canonical = switch (module) {
            case "__builtin__" -> "builtins";
            case "numpy._core.multiarray" -> "numpy.core.multiarray";
            default -> module;
        };
        return new Global(canonical, name);
    }

    /** The inert value that stands for the result of a call. */
    static Object call(Object function, List<Object> args) {
        Call call = function instanceof Global name ? CALLS.get(name) : null;
        if (call == null) {
            throw new Malformed(
                    "calls [%s], which is not allowed: nothing in a checkpoint is executed".formatted(kind(function)));
        }
        return switch (call) {
            case TENSOR -> tensor(args, null);
            case TENSOR_OF_DTYPE -> tensor(args, arg(args, 6, Global.class));
            case PARAMETER -> arg(args, 0, TensorRef.class);
            case DICT -> dict(args);
            case SEQUENCE -> new Items(true, arg(args, 0, Items.class).values);
            case OPAQUE -> new Opaque(function.toString());
        };
    }

    /** The storage that a persistent id {@code ('storage', type, key, location, elements)} names. */
    static StorageRef storage(Object id) {
        if (!(id instanceof Items tuple && tuple.tuple && "storage".equals(first(tuple)))) {
            throw new Malformed("has a persistent id that is no storage but a [%s]".formatted(kind(id)));
        }
        List<Object> parts = tuple.values;
        Global type = arg(parts, 1, Global.class);
        DType dtype = STORAGES.get(type);
        if (dtype == null) {
            throw new Malformed("has a storage of type [%s], which is not known".formatted(type));
        }
        long elements = arg(parts, 4, Long.class);
        if (elements < 0 || elements > Long.MAX_VALUE / dtype.bytes()) {
            throw new Malformed("has a storage of [%d] elements".formatted(elements));
        }
        // Files of torch before 0.4 could describe one storage as a part of another in a sixth element.
        if (parts.size() > 6 || (parts.size() == 6 && parts.get(5) != Values.None.NONE)) {
            throw new Malformed("has a storage with [%d] parts, wanted 5".formatted(parts.size()));
        }
        arg(parts, 3, String.class);
        return new StorageRef(arg(parts, 2, String.class), dtype, elements);
    }

    private static TensorRef tensor(List<Object> args, @Nullable Global dtype) {
        StorageRef storage = arg(args, 0, StorageRef.class);
        DType type = dtype == null ? storage.dtype() : DTYPES.get(dtype);
        if (type == null) {
            throw new Malformed("has a tensor of dtype [%s], which is not supported".formatted(String.valueOf(dtype)));
        }
        return new TensorRef(storage, type, arg(args, 1, Long.class), longs(args, 2), longs(args, 3));
    }

    private static Dict dict(List<Object> args) {
        Dict dict = new Dict();
        if (!args.isEmpty()) {
            for (Object pair : arg(args, 0, Items.class).values) {
                if (!(pair instanceof Items kv && kv.values.size() == 2)) {
                    throw new Malformed("has an OrderedDict of a [%s], wanted pairs".formatted(kind(pair)));
                }
                dict.entries.put(kv.values.get(0), kv.values.get(1));
            }
        }
        return dict;
    }

    private static List<Long> longs(List<Object> args, int index) {
        List<Object> values = arg(args, index, Items.class).values;
        if (values.size() > 64 || !values.stream().allMatch(Long.class::isInstance)) {
            throw new Malformed("has a tensor whose sizes or strides are not up to 64 integers");
        }
        return values.stream().map(Long.class::cast).toList();
    }

    private static <T> T arg(List<Object> args, int index, Class<T> type) {
        Object value = index < args.size() ? args.get(index) : Values.None.NONE;
        if (!type.isInstance(value)) {
            throw new Malformed("has a [%s] as argument [%d] of a call, wanted a [%s]"
                    .formatted(kind(value), index, type.getSimpleName()));
        }
        return type.cast(value);
    }

    private static @Nullable Object first(Items items) {
        return items.values.isEmpty() ? null : items.values.get(0);
    }

    private static String kind(Object value) {
        return Values.kind(value);
    }
}
