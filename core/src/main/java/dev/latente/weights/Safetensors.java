package dev.latente.weights;

import dev.latente.tensor.DType;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A memory-mapped safetensors file: 8 bytes of header length (little-endian), the header
 * ({@link SafetensorsHeader JSON}), the data. Opening reads the header only.
 */
public final class Safetensors implements TensorFile {
    /** The longest header of a file that the reference library reads. */
    static final long MAX_HEADER = 100_000_000;

    private final MappedFile file;
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final Map<String, Long> offsets = new LinkedHashMap<>();
    private final Map<String, String> metadata;

    private Safetensors(MappedFile file, SafetensorsHeader header, long dataStart) {
        this.file = file;
        this.metadata = header.metadata();
        header.entries().forEach(e -> {
            tensors.put(e.info().name(), e.info());
            offsets.put(e.info().name(), dataStart + e.begin());
        });
    }

    /**
     * Reads the header and checks all of it.
     *
     * @throws WeightsException if the file is not a sound safetensors file
     */
    public static Safetensors open(Path path) {
        return open(path, null);
    }

    static Safetensors open(Path path, @Nullable ReadAhead reads) {
        MappedFile file = MappedFile.of(path, reads);
        if (file.size() < 8) {
            throw new WeightsException(
                    path, null, "has %d bytes, a safetensors file has at least 8".formatted(file.size()));
        }
        try {
            long length = headerLength(file);
            if (length < 0 || length > MAX_HEADER) {
                throw new WeightsException(
                        path,
                        null,
                        "is not safetensors: header of %s bytes, the most is %d"
                                .formatted(Long.toUnsignedString(length), MAX_HEADER));
            }
            long data = file.size() - 8 - length;
            if (data < 0) {
                throw new WeightsException(
                        path,
                        null,
                        "header of %d bytes in a file of %d: is it cut off?".formatted(length, file.size()));
            }
            try (InputStream json = file.stream(8, length)) {
                return new Safetensors(file, SafetensorsHeader.read(path, json, data), 8 + length);
            }
        } catch (IOException e) {
            throw MappedFile.unreadable(path, e);
        }
    }

    private static long headerLength(MappedFile file) throws IOException {
        try (InputStream head = file.stream(0, 8)) {
            byte[] bytes = head.readNBytes(8);
            if (bytes.length < 8) {
                throw new EOFException("it was cut off while being read");
            }
            return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        }
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
        return Collections.unmodifiableMap(metadata);
    }

    /** As {@link TensorFile#tensor}; element types that libtorch has no name for come as their bytes, in one dimension. */
    @Override
    public Tensor tensor(String key) {
        TensorInfo info = tensors.get(key);
        if (info == null) {
            throw new WeightsException(path(), key, "is missing");
        }
        long offset = Objects.requireNonNull(offsets.get(key));
        for (DType dtype : DType.values()) {
            if (dtype.code().equals(info.dtype())) {
                return file.view(key, offset, dtype, info.dims());
            }
        }
        return file.view(key, offset, DType.U8, info.bytes());
    }

    @Override
    public void close() {
        file.close();
    }
}
