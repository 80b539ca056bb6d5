package dev.latente.training;

import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.weights.Safetensors;
import dev.latente.weights.SafetensorsWriter;
import dev.latente.weights.TensorFile;
import dev.latente.weights.WeightsException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.bytedeco.pytorch.Tensor;

/**
 * The checkpoints of a run: one safetensors file for each, which appears under its name only when all of it is on the disk,
 * with a checksum of everything in it. The newest that is whole is found by itself; older ones are deleted.
 */
final class Snapshots {
    private static final int KEPT = 2;
    private static final long SLICE = 1 << 28;
    private static final String CHECKSUM = "crc32c";

    private final Path folder;
    private final Consumer<String> warnings;

    Snapshots(Path folder, Consumer<String> warnings) {
        this.folder = folder;
        this.warnings = warnings;
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes a checkpoint. */
    void save(long step, Map<String, Tensor> buffers, Map<String, String> state) {
        Map<String, String> metadata = new TreeMap<>(state);
        metadata.put("step", Long.toString(step));
        Scopes.run(() -> {
            Map<String, Tensor> host = new LinkedHashMap<>();
            buffers.forEach((name, x) -> host.put(name, Ops.to(x, Device.CPU)));
            metadata.put(CHECKSUM, checksum(host, metadata));
            SafetensorsWriter.of(host).withMetadata(metadata).write(file(step));
        });
        List<Path> all = files();
        all.stream().skip(KEPT).forEach(Snapshots::delete);
    }

    /**
     * Copies the newest whole checkpoint into buffers of the same names.
     *
     * @return what was stored beside it, or nothing if there is none
     * @throws WeightsException if there are checkpoints and none of them can be used: to begin anew would overwrite a run
     */
    Optional<Map<String, String>> restore(Map<String, Tensor> buffers) {
        List<Path> files = files();
        for (Path file : files) {
            try {
                return Optional.of(read(file, buffers));
            } catch (WeightsException e) {
                warnings.accept("%s: cannot be used: %s".formatted(file, e.getMessage()));
            }
        }
        if (!files.isEmpty()) {
            throw new WeightsException(
                    "%s: none of its %d checkpoints can be used by this recipe: use another folder, or delete this one"
                            .formatted(folder, files.size()));
        }
        return Optional.empty();
    }

    private static Map<String, String> read(Path file, Map<String, Tensor> buffers) {
        try (TensorFile stored = Safetensors.open(file)) {
            return Scopes.within(() -> {
                Map<String, Tensor> found = new LinkedHashMap<>();
                buffers.forEach((name, x) -> found.put(name, stored.get(name, Ops.shape(x))));
                Map<String, String> metadata = new TreeMap<>(stored.metadata());
                String expected = metadata.remove(CHECKSUM);
                if (!checksum(found, metadata).equals(expected)) {
                    throw new WeightsException(file, null, "checksum differs");
                }
                found.forEach((name, x) ->
                        java.util.Objects.requireNonNull(buffers.get(name)).copy_(x));
                return metadata;
            });
        }
    }

    private static String checksum(Map<String, Tensor> buffers, Map<String, String> metadata) {
        CRC32C crc = new CRC32C();
        new TreeMap<>(metadata).forEach((k, v) -> crc.update((k + "=" + v + "\n").getBytes(StandardCharsets.UTF_8)));
        buffers.forEach((name, x) -> {
            Tensor bytes = x.contiguous().view(-1).view(DType.U8.scalarType());
            for (long from = 0; from < bytes.numel(); from += SLICE) {
                ByteBuffer slice = Ops.buffer(bytes.narrow(0, from, Math.min(SLICE, bytes.numel() - from)));
                crc.update(slice);
            }
        });
        return Long.toHexString(crc.getValue());
    }

    private Path file(long step) {
        return folder.resolve("step-%010d.safetensors".formatted(step));
    }

    /** Newest first. */
    private List<Path> files() {
        try (Stream<Path> list = Files.list(folder)) {
            return list.filter(f -> f.getFileName().toString().matches("step-\\d+\\.safetensors"))
                    .sorted(Comparator.reverseOrder())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
