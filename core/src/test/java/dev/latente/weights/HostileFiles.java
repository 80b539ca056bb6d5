package dev.latente.weights;

import static dev.latente.weights.PickleBytes.pickle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** Files that strangers could send; each must end in one line that names it, and none may leave the canary or anything else. */
final class HostileFiles {
    private final Path folder;
    private final Map<String, byte[]> files = new LinkedHashMap<>();

    HostileFiles(Path folder) {
        this.folder = folder;
    }

    int size() {
        return files.size();
    }

    /** One test for each file. */
    Stream<DynamicTest> rejections(int atLeast) {
        assertThat(files).hasSizeGreaterThanOrEqualTo(atLeast);
        return files.entrySet().stream()
                .map(f -> DynamicTest.dynamicTest(f.getKey(), () -> reject(f.getKey(), f.getValue())));
    }

    private void reject(String name, byte[] content) throws IOException {
        Path file = Files.write(folder.resolve(name), content);
        assertThatThrownBy(() -> PickleFile.open(file).close())
                .isInstanceOf(WeightsException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageNotContaining("\n");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(file);
        } finally {
            Files.delete(file);
        }
    }

    /** A checkpoint with this pickle. */
    void file(String name, PickleBytes pickle) {
        file(name, ZipBytes.checkpoint(pickle.stop()).bytes());
    }

    void file(String name, String content) {
        file(name, content.getBytes(StandardCharsets.ISO_8859_1));
    }

    void file(String name, byte[] content) {
        assertThat(files.put(name, content)).as(name).isNull();
    }

    void zip(String name, Consumer<ZipBytes> trick) {
        ZipBytes zip = ZipBytes.checkpoint(PickleBytes.good().stop());
        trick.accept(zip);
        file(name, zip.bytes());
    }

    String touch() {
        return "touch " + folder.resolve("canary");
    }

    PickleBytes reduce(String module, String name) {
        return pickle().call(module, name, touch());
    }
}
