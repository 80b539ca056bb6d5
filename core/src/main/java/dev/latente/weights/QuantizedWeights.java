package dev.latente.weights;

import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A file in which weights are stored as whole numbers, each with its scales beside it, as compressed-tensors names and shapes
 * them: {@code X.weight} is I8 [out,in] or [out,in,k,k], or U8 [out,in/2,…] with two values of 4 bits to a byte, and
 * {@code X.weight_scale} is a scale for each output channel in a shape that broadcasts, [out,1] or [out,1,1,1]; the weight is
 * their product. Of a byte, the low half is the value of the even input channel, and both halves are 8 more than the value.
 * The scales are no tensors of this file: they belong to the weights, whose types are called INT8 and INT4.
 */
public final class QuantizedWeights implements TensorFile {
    private static final String WEIGHT = "weight";
    private static final String SCALE = "_scale";
    private static final Set<String> SCALE_TYPES = Set.of("F32", "F16", "BF16");

    private final TensorFile file;
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final Map<String, Integer> bits = new LinkedHashMap<>();

    private QuantizedWeights(TensorFile file) {
        this.file = file;
        file.tensors().forEach((name, info) -> {
            if (name.endsWith(WEIGHT + SCALE)) {
                String weight = name.substring(0, name.length() - SCALE.length());
                if (!file.tensors().containsKey(weight)) {
                    throw new WeightsException(
                            path(), name, "is the scale of [%s], which is missing".formatted(weight));
                }
                return;
            }
            TensorInfo scale = file.tensors().get(name + SCALE);
            tensors.put(name, scale == null ? info : quantised(info, scale));
        });
    }

    /**
     * The file itself if none of its weights is stored in this way.
     *
     * @throws WeightsException if a scale has no weight, or does not fit it
     */
    static TensorFile over(TensorFile file) {
        boolean any = file.keys().stream().anyMatch(name -> name.endsWith(WEIGHT + SCALE));
        return any ? new QuantizedWeights(file) : file;
    }

    /**
     * Refuses the weight of a layer that is stored as whole numbers without scales, and would be read as those numbers.
     *
     * @param weight as the file describes it
     */
    public static void requireScale(TensorFile file, TensorInfo weight) {
        if (isWhole(weight)) {
            throw new WeightsException(
                    file.path(),
                    weight.name(),
                    "is %s, but its scale [%s%s] is missing".formatted(weight.dtype(), weight.name(), SCALE));
        }
    }

    private static boolean isWhole(TensorInfo info) {
        return info.dtype().equals("I8") || info.dtype().equals("U8");
    }

    /** The description of the weight of which both are parts. */
    private TensorInfo quantised(TensorInfo stored, TensorInfo scale) {
        if (!isWhole(stored) || stored.shape().size() < 2) {
            throw bad(
                    stored.name(),
                    "has a scale and is %s%s, wanted I8 [out,in,…] or U8 [out,in/2,…]"
                            .formatted(stored.dtype(), stored.shape()));
        }
        if (!SCALE_TYPES.contains(scale.dtype())) {
            throw bad(scale.name(), "is %s, wanted F32, F16 or BF16".formatted(scale.dtype()));
        }
        boolean packed = stored.dtype().equals("U8");
        List<Long> shape = new ArrayList<>(stored.shape());
        if (packed) {
            shape.set(1, 2 * shape.get(1));
        }
        long out = shape.get(0);
        if (scale.elements() != out
                || (out > 1 && (scale.shape().isEmpty() || scale.shape().get(0) != out))) {
            throw bad(
                    scale.name(),
                    "has shape %s, wanted [%d,1,…] for a weight of shape %s".formatted(scale.shape(), out, shape));
        }
        bits.put(stored.name(), packed ? 4 : 8);
        return new TensorInfo(stored.name(), packed ? "INT4" : "INT8", shape, stored.bytes() + scale.bytes());
    }

    /**
     * What is stored of a weight that is quantised: it and its scales. A weight with an odd number of inputs has a byte for
     * each value also in 4 bits.
     */
    public static List<TensorInfo> describe(String name, List<Long> shape, int bits) {
        List<Long> values = new ArrayList<>(shape);
        boolean packed = bits == 4 && shape.get(1) % 2 == 0;
        if (packed) {
            values.set(1, shape.get(1) / 2);
        }
        long[] dims = shape.stream().mapToLong(Long::longValue).toArray();
        List<Long> scales = Arrays.stream(Quantized.broadcast(dims)).boxed().toList();
        long bytes = values.stream().reduce(1L, Math::multiplyExact);
        return List.of(
                new TensorInfo(name, packed ? "U8" : "I8", values, bytes),
                new TensorInfo(name + SCALE, "F32", scales, shape.get(0) * DType.F32.bytes()));
    }

    /** The values as they are stored: int8, or uint8 with two of them to a byte. */
    public static Tensor pack(Quantized weight) {
        long[] shape = Ops.shape(weight.values());
        if (weight.bits() == 8 || shape[1] % 2 != 0) {
            return weight.values();
        }
        Tensor pairs = Ops.add(Ops.to(weight.values(), DType.F32), 8).reshape(shape[0], shape[1] / 2, 2, -1);
        long[] half = shape.clone();
        half[1] /= 2;
        return Ops.to(Ops.addScaled(pairs.select(2, 0), pairs.select(2, 1), 16), DType.U8)
                .view(half);
    }

    /** bytes [out,in/2,…] uint8 -> [out,in,…] int8. */
    private static Tensor unpack(Tensor bytes, long[] shape) {
        long kernel = Arrays.stream(shape).skip(2).reduce(1, Math::multiplyExact);
        Tensor halves = Ops.bits(bytes.reshape(shape[0] * shape[1] / 2, kernel), 4, 0, 4); // [out·in/2,2,kernel]
        return Ops.to(Ops.sub(Ops.to(halves, DType.F32), 8), DType.I8).view(shape);
    }

    @Override
    public Path path() {
        return file.path();
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    @Override
    public Map<String, String> metadata() {
        return file.metadata();
    }

    @Override
    public Tensor tensor(String key) {
        Quantized weight = quantizedTensor(key);
        return weight == null ? file.tensor(key) : weight.dequantised();
    }

    @Override
    public @Nullable Quantized quantizedTensor(String key) {
        Integer width = bits.get(key);
        if (width == null) {
            return null;
        }
        long[] shape = Objects.requireNonNull(tensors.get(key)).dims();
        Tensor values = file.tensor(key);
        Tensor scales = Ops.to(file.tensor(key + SCALE), DType.F32, Device.CPU).reshape(-1);
        if (!Quantized.isFinite(scales)) {
            throw bad(key + SCALE, "holds a value that is not finite");
        }
        return new Quantized(width == 4 ? unpack(values, shape) : values, scales, width);
    }

    @Override
    public void close() {
        file.close();
    }

    private WeightsException bad(String tensor, String what) {
        return new WeightsException(path(), tensor, what);
    }
}
