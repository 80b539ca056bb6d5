package dev.latente.training.data;

import dev.latente.weights.Safetensors;
import dev.latente.weights.SafetensorsWriter;
import dev.latente.weights.WeightsException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Tensors on the disk that are dear to make again, such as latents and text states: {@code ab/abcd….safetensors} for the key
 * {@code abcd…}. A file has its name only when all of it is on the disk; one that is broken all the same is made anew.
 * Processes may share a folder. Thread-safe.
 */
public final class TensorCache {
    private final Path folder;
    private final Map<String, Object> locks = new ConcurrentHashMap<>();

    public TensorCache(Path folder) {
        this.folder = folder;
    }

    /**
     * The tensors of a key, in the caller's scope: from the disk, or made and stored.
     *
     * @param key from {@link #key}
     * @param make makes them from what the key was made of
     */
    public Map<String, Tensor> getOrMake(String key, Supplier<Map<String, Tensor>> make) {
        Path file = folder.resolve(key.substring(0, 2)).resolve(key + ".safetensors");
        Object lock = locks.computeIfAbsent(key, k -> new Object());
        try {
            synchronized (lock) {
                Map<String, Tensor> stored = read(file);
                if (stored != null) {
                    return stored;
                }
                Map<String, Tensor> made = make.get();
                Files.createDirectories(file.getParent());
                SafetensorsWriter.of(made).write(file);
                return made;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("%s: cannot be made: %s".formatted(file.getParent(), e.getMessage()), e);
        } finally {
            locks.remove(key, lock);
        }
    }

    private static @Nullable Map<String, Tensor> read(Path file) {
        if (!Files.exists(file)) {
            return null;
        }
        try (Safetensors stored = Safetensors.open(file)) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            stored.keys().forEach(name -> tensors.put(name, stored.tensor(name)));
            return tensors;
        } catch (WeightsException e) {
            return null;
        }
    }

    /** A key from all that the tensors depend on: hashes, sizes, captions. */
    public static String key(Object... parts) {
        MessageDigest digest = sha256();
        for (Object part : parts) {
            byte[] bytes = part.toString().getBytes(StandardCharsets.UTF_8);
            digest.update(
                    ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
            digest.update(bytes);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** SHA-256 of bytes, such as a picture's. */
    public static String hash(byte[] bytes) {
        return HexFormat.of().formatHex(sha256().digest(bytes));
    }

    /** SHA-256 of a file, or of the names and contents of a folder's files, such as the weights of an encoder. */
    public static String hash(Path path) {
        try (Stream<Path> files = Files.walk(path)) {
            List<Path> sorted = files.filter(Files::isRegularFile).sorted().toList();
            MessageDigest digest = sha256();
            for (Path file : sorted) {
                digest.update(path.relativize(file).toString().getBytes(StandardCharsets.UTF_8));
                digest.update(ByteBuffer.allocate(Long.BYTES)
                        .putLong(Files.size(file))
                        .flip());
                update(digest, file);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw new UncheckedIOException("%s: cannot be read: %s".formatted(path, e.getMessage()), e);
        }
    }

    private static void update(MessageDigest digest, Path file) throws IOException {
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
