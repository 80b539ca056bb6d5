package dev.latente.weights;

import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.databind.JsonNode;

/** A memory-mapped safetensors file. */
public final class Safetensors implements TensorFile {
    private final Path path;
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final Map<String, Long> offsets = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final Arena arena = new Arena();
    private final Tensor bytes;

    private Safetensors(Path path) throws IOException {
        this.path = path;
        long size = Files.size(path);
        try (FileChannel channel = FileChannel.open(path)) {
            ByteBuffer head = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
            channel.read(head, 0);
            int length = Math.toIntExact(head.getLong(0));
            ByteBuffer json = ByteBuffer.allocate(length);
            channel.read(json, 8);
            JsonNode root = Json.parse(new String(json.array(), StandardCharsets.UTF_8));
            root.properties().forEach(e -> {
                if (e.getKey().equals("__metadata__")) {
                    e.getValue()
                            .properties()
                            .forEach(m -> metadata.put(m.getKey(), m.getValue().asString()));
                    return;
                }
                List<Long> shape = new ArrayList<>();
                e.getValue().get("shape").forEach(d -> shape.add(d.asLong()));
                long from = e.getValue().get("data_offsets").get(0).asLong();
                long to = e.getValue().get("data_offsets").get(1).asLong();
                tensors.put(
                        e.getKey(),
                        new TensorInfo(e.getKey(), e.getValue().get("dtype").asString(), shape, to - from));
                offsets.put(e.getKey(), 8L + length + from);
            });
        }
        bytes = arena.own(() -> Ops.map(path.toString(), size));
    }

    public static Safetensors open(Path path) {
        try {
            return new Safetensors(path);
        } catch (IOException e) {
            throw new WeightsException(path, null, "cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        return tensors;
    }

    @Override
    public Map<String, String> metadata() {
        return metadata;
    }

    @Override
    public Tensor tensor(String key) {
        TensorInfo info = tensors.get(key);
        if (info == null) {
            throw new WeightsException(path, key, "is missing");
        }
        return Ops.view(
                bytes, java.util.Objects.requireNonNull(offsets.get(key)), DType.valueOf(info.dtype()), info.dims());
    }

    @Override
    public void close() {
        arena.close();
    }
}
