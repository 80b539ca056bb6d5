package dev.latente.weights.layout;

import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.weights.TensorFile;
import dev.latente.weights.TensorInfo;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.databind.JsonNode;

/** A file of names and shapes without data, for models that are too large for a test. */
record MetaFile(Path path, Map<String, TensorInfo> tensors) implements TensorFile {
    /** From {@code {"name": {"shape": [1, 2]}}}. */
    static MetaFile of(Path path, JsonNode manifest) {
        Map<String, TensorInfo> tensors = new LinkedHashMap<>();
        manifest.properties().forEach(e -> {
            var shape = e.getValue()
                    .path("shape")
                    .valueStream()
                    .map(JsonNode::asLong)
                    .toList();
            tensors.put(e.getKey(), new TensorInfo(e.getKey(), "F32", shape, 0));
        });
        return new MetaFile(path, tensors);
    }

    @Override
    public Map<String, String> metadata() {
        return Map.of();
    }

    @Override
    public Tensor tensor(String key) {
        return Ops.empty(
                DType.F32, Device.META, Objects.requireNonNull(tensors.get(key)).dims());
    }

    long elements() {
        return tensors.values().stream()
                .mapToLong(t -> Arrays.stream(t.dims()).reduce(1, (a, b) -> a * b))
                .sum();
    }

    @Override
    public void close() {}
}
