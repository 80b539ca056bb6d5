package dev.latente.mundo;

import dev.latente.weights.WeightsException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The small model that comes with the library: a folder of diffusers among the resources. Weights are mapped, and a resource
 * cannot be, so the folder is unpacked once for each user, into {@code LATENTE_HOME}, else {@code XDG_CACHE_HOME/latente}, else
 * {@code ~/.cache/latente}. Its {@code SHA256SUMS}, which {@code sha256sum} wrote, says which files there are.
 */
public final class DefaultModel {
    private static final String SUMS = "SHA256SUMS";
    /** Two of {@code sha256sum}'s columns: the hash, and two signs before the name. */
    private static final int HASH = 64;

    private DefaultModel() {}

    /**
     * The folder, for {@link dev.latente.pipelines.Checkpoint#load}; it is unpacked where that has not been done.
     *
     * @throws WeightsException if it cannot be unpacked
     */
    public static Path path() {
        return unpack(name -> DefaultModel.class.getResourceAsStream("model/" + name), home());
    }

    /** Where Latente keeps what it unpacks, and looks for what users put there. */
    public static Path home() {
        return cache(System.getenv(), Path.of(System.getProperty("user.home")));
    }

    /** Where what can be made again is kept. */
    static Path cache(Map<String, String> environment, Path home) {
        String own = environment.getOrDefault("LATENTE_HOME", "");
        String caches = environment.getOrDefault("XDG_CACHE_HOME", "");
        if (!own.isEmpty()) {
            return Path.of(own);
        }
        return (caches.isEmpty() ? home.resolve(".cache") : Path.of(caches)).resolve("latente");
    }

    /** Unpacks what is missing. The folder is named by what is in it, so another version is another folder. */
    static Path unpack(Function<String, @Nullable InputStream> resources, Path cache) {
        byte[] sums = bytes(resources, SUMS);
        Path folder = cache.resolve("mundo").resolve(hash(sums).substring(0, 16));
        for (String line : new String(sums, StandardCharsets.UTF_8).lines().toList()) {
            String name = line.substring(HASH + 2);
            Path file = folder.resolve(name);
            if (!Files.isRegularFile(file)) {
                byte[] content = bytes(resources, name);
                if (!line.startsWith(hash(content))) {
                    throw new WeightsException("the default model's [%s]: got sha256 [%s], wanted [%s]: build it anew"
                            .formatted(name, hash(content), line.substring(0, HASH)));
                }
                publish(file, content);
            }
        }
        return folder;
    }

    /** Complete on the disk, then under its name: another process, or a crash, never leaves half a file. */
    private static void publish(Path file, byte[] content) {
        Path draft = file.resolveSibling("%s.%s.tmp".formatted(file.getFileName(), UUID.randomUUID()));
        try {
            Files.createDirectories(file.getParent());
            try {
                Files.write(draft, content, StandardOpenOption.CREATE_NEW, StandardOpenOption.DSYNC);
                Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(draft);
            }
        } catch (IOException e) {
            throw new WeightsException(
                    file, null, "cannot be written: %s: set LATENTE_HOME to a folder that can".formatted(e), e);
        }
    }

    private static byte[] bytes(Function<String, @Nullable InputStream> resources, String name) {
        try (InputStream in = resources.apply(name)) {
            if (in == null) {
                throw new WeightsException(
                        "the default model: this build has no [%s]: name another model".formatted(name));
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new WeightsException("the default model's [%s] cannot be read: %s".formatted(name, e), e);
        }
    }

    private static String hash(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
