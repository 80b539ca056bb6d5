package dev.latente.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Indexes that disagree with their files or point out of their folder, and files that are something else. */
class ShardedWeightsTest {
    private final Path dir;

    ShardedWeightsTest(@TempDir Path root) throws IOException {
        this.dir = Files.createDirectory(root.resolve("model"));
    }

    /** Shards one (a, 4 bytes) and two (b, 8 bytes), and a third outside of the folder. */
    @BeforeEach
    void write() throws IOException {
        Scopes.run(() -> {
            SafetensorsWriter.of(Map.of("a", Ops.of(new float[] {1}, 1))).write(dir.resolve("one"));
            SafetensorsWriter.of(Map.of("b", Ops.of(new float[] {2, 3}, 2))).write(dir.resolve("two"));
            SafetensorsWriter.of(Map.of("a", Ops.of(new float[] {4}, 1))).write(dir.resolve("copy"));
            SafetensorsWriter.of(Map.of("b", Ops.of(new float[] {5}, 1))).write(dir.resolve("../outside"));
        });
        Files.createSymbolicLink(dir.resolve("escape"), Path.of("../outside"));
        Files.createSymbolicLink(dir.resolve("inside"), Path.of("two"));
        Files.createSymbolicLink(dir.resolve("loop"), Path.of("loop"));
        Files.createDirectory(dir.resolve("folder"));
        Files.writeString(dir.resolve("json"), "{\"weight_map\":{\"b\":\"index\"}}");
    }

    private Path index(String map, String metadata) throws IOException {
        return Files.writeString(
                dir.resolve("index"), "{\"metadata\":{%s},\"weight_map\":{%s}}".formatted(metadata, map));
    }

    @Test
    void readsThroughTheIndex() throws IOException {
        for (String second : new String[] {"two", "inside"}) {
            Path index = index("\"a\":\"one\",\"b\":\"" + second + "\"", "\"total_size\":12");
            Scopes.run(() -> {
                try (TensorFile file = TensorFiles.open(index)) {
                    assertThat(file.keys()).containsExactly("a", "b");
                    assertThat(Ops.floats(file.get("b", 2))).containsExactly(2, 3);
                }
            });
        }
    }

    /** The layout of the hub cache: links from a snapshot into a folder of blobs. */
    @Test
    void linksBesideTheRealIndexAreItsOwn() throws IOException {
        Path snapshot = Files.createDirectory(dir.resolve("../snapshot"));
        index("\"a\":\"one\",\"b\":\"two\"", "");
        for (String name : new String[] {"index", "one", "two"}) {
            Files.createSymbolicLink(snapshot.resolve(name), Path.of("../model", name));
        }
        try (TensorFile file = ShardedWeights.open(snapshot.resolve("index"))) {
            assertThat(file.keys()).containsExactly("a", "b");
        }
    }

    static Stream<String> maps() {
        return Stream.of(
                        "none",
                        "../outside",
                        "./two",
                        "folder/../two",
                        "",
                        "/etc/passwd",
                        "..",
                        "escape",
                        "loop",
                        "folder",
                        "json",
                        "index",
                        "..\\\\outside",
                        "C:\\\\two",
                        "two\\u0000",
                        "one",
                        "copy")
                .map(file -> "\"a\":\"one\",\"b\":\"" + file + "\"");
    }

    @ParameterizedTest
    @MethodSource("maps")
    void refusesFiles(String map) throws IOException {
        Path index = index(map, "");
        assertThatThrownBy(() -> ShardedWeights.open(index))
                .isInstanceOf(WeightsException.class)
                .message()
                .startsWith(dir.toString())
                .hasLineCount(1);
    }

    static Stream<String[]> disagreements() {
        return Stream.of(
                new String[] {"\"a\":\"one\",\"a\":\"one\",\"b\":\"two\"", ""},
                new String[] {"\"a\":\"one\",\"b\":2", ""},
                new String[] {"\"a\":\"one\",\"b\":null", ""},
                new String[] {"\"a\":\"one\",\"c\":\"two\"", ""},
                new String[] {"\"b\":\"two\",\"a\":\"two\"", ""},
                new String[] {"", ""},
                new String[] {"\"a\":\"one\",\"b\":\"two\"", "\"total_size\":11"},
                new String[] {"\"a\":\"one\",\"b\":\"two\"", "\"total_size\":-1"},
                new String[] {"\"a\":\"one\",\"b\":\"two\"", "\"total_size\":\"12\""},
                new String[] {"\"a\":\"one\",\"b\":\"two\"", "\"total_size\":1e400"});
    }

    @ParameterizedTest
    @MethodSource("disagreements")
    void refusesDisagreements(String map, String metadata) throws IOException {
        Path index = index(map, metadata);
        assertThatThrownBy(() -> ShardedWeights.open(index))
                .isInstanceOf(WeightsException.class)
                .message()
                .startsWith(index.toString())
                .hasLineCount(1);
    }

    @ParameterizedTest
    @MethodSource("strangers")
    void otherFilesAreNamedForWhatTheyAre(String content, String what) throws IOException {
        Path file = Files.writeString(dir.resolve("model.safetensors"), content);
        assertThatThrownBy(() -> TensorFiles.open(file))
                .isInstanceOf(WeightsException.class)
                .message()
                .startsWith(file + ": ")
                .contains(what)
                .hasLineCount(1);
    }

    static Stream<String[]> strangers() {
        return Stream.of(
                new String[] {"", "empty"},
                new String[] {"version https://git-lfs.github.com/spec/v1\noid sha256:1", "Git LFS"},
                new String[] {"<!DOCTYPE html><html>", "web page"},
                new String[] {"Rar! archive", "52 61 72 21"},
                new String[] {"{\"a\":1}", "weight_map"},
                new String[] {"GGUF", "ends in the header"});
    }
}
