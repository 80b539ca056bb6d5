package dev.latente.weights;

import dev.latente.tensor.DType;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A memory-mapped GGUF file, version 2 or 3, little-endian (GGUF specification, ggml {@code docs/gguf.md}). Quantised
 * tensors are decoded to fp32 when they are asked for. Opening reads the header only.
 */
public final class Gguf implements TensorFile {
    private final MappedFile file;
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final Map<String, GgufHeader.Entry> entries = new LinkedHashMap<>();
    private final Map<String, String> metadata;

    private Gguf(MappedFile file, GgufHeader header) {
        this.file = file;
        this.metadata = header.metadata();
        header.entries().forEach(e -> {
            tensors.put(e.info().name(), e.info());
            entries.put(e.info().name(), e);
        });
    }

    /**
     * Reads the header and checks all of it.
     *
     * @throws WeightsException if the file is not a sound GGUF file, or has a tensor of a type that is not known
     */
    public static Gguf open(Path path) {
        return open(path, null);
    }

    static Gguf open(Path path, @Nullable ReadAhead reads) {
        MappedFile file = MappedFile.of(path, reads);
        return new Gguf(file, GgufHeader.read(file));
    }

    @Override
    public Path path() {
        return file.path();
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    /** Numbers and short lists as text; of a long list, its length. */
    @Override
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(metadata);
    }

    @Override
    public Tensor tensor(String key) {
        GgufHeader.Entry e = entries.get(key);
        if (e == null) {
            throw new WeightsException(path(), key, "is missing");
        }
        GgmlType type = e.type();
        DType dtype = type.dtype();
        if (dtype != null) {
            return file.view(key, e.offset(), dtype, e.info().dims());
        }
        long blocks = e.info().bytes() / type.blockBytes();
        return type.dequantise(file.view(key, e.offset(), DType.U8, blocks, type.blockBytes()))
                .view(e.info().dims());
    }

    @Override
    public void close() {
        file.close();
    }
}
