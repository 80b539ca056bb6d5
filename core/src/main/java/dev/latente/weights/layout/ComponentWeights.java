package dev.latente.weights.layout;

import dev.latente.weights.Quantized;
import dev.latente.weights.QuantizedWeights;
import dev.latente.weights.TensorFile;
import dev.latente.weights.TensorInfo;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightsException;
import dev.latente.weights.compression.Layers;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** The weights of one model under their canonical names, wherever and however they are stored. Thread-safe. */
final class ComponentWeights implements WeightSource {
    /**
     * Where a weight is.
     *
     * @param part which of {@code parts} that are stored as one
     * @param shape canonical
     */
    private record Entry(TensorFile file, String key, Shaping shaping, int part, int parts, List<Long> shape) {}

    private final Path origin;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    ComponentWeights(Path origin) {
        this.origin = origin;
    }

    /** Adds the canonical weights that are made of one stored tensor. */
    void add(TensorFile file, String key, KeyMap.Place place) {
        TensorInfo info = file.tensors().get(key);
        if (info == null) {
            throw new WeightsException(file.path(), key, "is missing");
        }
        int parts = place.canonical().size();
        for (int i = 0; i < parts; i++) {
            List<Long> shape = place.shaping().shape(info.shape(), i, parts);
            if (Layers.has(place.canonical().get(i), shape)) {
                QuantizedWeights.requireScale(file, info);
            }
            Entry before =
                    entries.put(place.canonical().get(i), new Entry(file, key, place.shaping(), i, parts, shape));
            if (before != null) {
                throw new WeightsException(
                        file.path(), key, "is the same weight as [%s] in %s".formatted(before.key, before.file.path()));
            }
        }
    }

    /** Canonical names and shapes. */
    Map<String, List<Long>> shapes() {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        entries.forEach((name, entry) -> shapes.put(name, entry.shape));
        return shapes;
    }

    /** What the files say of the stored tensors that these weights are made of, under the first name that each has here. */
    Map<String, TensorInfo> stored() {
        Map<String, TensorInfo> stored = new LinkedHashMap<>();
        entries.forEach((name, entry) -> {
            TensorInfo info = entry.file.tensors().get(entry.key);
            if (info != null && entry.part == 0) {
                stored.put(name, info);
            }
        });
        return stored;
    }

    @Override
    public Set<String> keys() {
        return entries.keySet();
    }

    @Override
    public Tensor get(String name, long... shape) {
        require(name, shape);
        return tensor(name);
    }

    @Override
    public @Nullable Quantized quantized(String name, long... shape) {
        require(name, shape);
        return quantizedTensor(name);
    }

    @Override
    public void require(String name, long... shape) {
        Entry entry = entry(name);
        long[] got = entry.shape.stream().mapToLong(Long::longValue).toArray();
        if (!Arrays.equals(got, shape)) {
            throw new WeightsException(
                    entry.file.path(),
                    entry.key,
                    "has shape %s, wanted %s".formatted(entry.shape, Arrays.toString(shape)));
        }
    }

    /** The weight as it is, in the caller's scope. */
    Tensor tensor(String name) {
        Entry entry = entry(name);
        return entry.shaping.read(entry.file.tensor(entry.key), entry.part, entry.parts);
    }

    /** The weight as whole numbers with scales, where it is stored so; in the caller's scope. */
    @Nullable
    Quantized quantizedTensor(String name) {
        Entry entry = entry(name);
        Quantized stored = entry.file.quantizedTensor(entry.key);
        return stored == null ? null : entry.shaping.read(stored, entry.part, entry.parts);
    }

    private Entry entry(String name) {
        Entry entry = entries.get(name);
        if (entry == null) {
            throw new WeightsException(origin, name, "is missing");
        }
        return entry;
    }

    @Override
    public String origin() {
        return origin.toString();
    }
}
