package dev.latente.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.tensor.Ops;
import dev.latente.weights.PickleFile;
import dev.latente.weights.Safetensors;
import dev.latente.weights.TensorFile;
import dev.latente.weights.WeightsException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

@Tag("golden")
class PickleGoldenTest {
    @TestFactory
    Stream<DynamicTest> verdicts() {
        return Golden.tests(
                "pickle_bad", c -> c.json().get("files").properties().forEach(f -> check(c, f.getKey(), f.getValue())));
    }

    @TestFactory
    Stream<DynamicTest> singleFiles() {
        return Golden.tests(
                "single_file",
                c -> list(c.dir(), ".ckpt").forEach(file -> {
                    try (TensorFile got = PickleFile.open(file);
                            TensorFile expected = Safetensors.open(c.path(c.name() + ".safetensors"))) {
                        assertThat(got.keys()).isEqualTo(expected.keys());
                        got.keys().forEach(key -> assertSame(key, got.tensor(key), expected.tensor(key)));
                    }
                }));
    }

    private static void check(GoldenCase c, String name, JsonNode verdict) {
        Path file = list(c.path("files"), "").stream()
                .filter(f -> f.getFileName().toString().matches("\\Q" + name + "\\E(\\.[a-z]+)?"))
                .findFirst()
                .orElseThrow();
        String expect = verdict.get("expect").asString();
        if (expect.equals("ok")) {
            accept(c, file, verdict);
        } else if (expect.startsWith("reject")) {
            reject(file);
        } else {
            try {
                accept(c, file, verdict);
            } catch (WeightsException e) {
                reject(file);
            }
        }
        if (verdict.has("marker")) {
            assertThat(Path.of(verdict.get("marker").asString())).doesNotExist();
        }
    }

    private static void accept(GoldenCase c, Path file, JsonNode verdict) {
        List<String> dict =
                verdict.get("path").valueStream().map(JsonNode::asString).toList();
        Set<String> keys = new TreeSet<>();
        verdict.get("keys").forEach(k -> keys.add(k.asString()));
        try (PickleFile found = PickleFile.open(file);
                PickleFile named = PickleFile.open(file, dict)) {
            assertThat(found.dict()).as(file.toString()).isEqualTo(dict);
            for (PickleFile open : List.of(found, named)) {
                assertThat(new TreeSet<>(open.keys())).as(file.toString()).isEqualTo(keys);
                keys.forEach(k -> assertSame(file + "/" + k, open.tensor(k), c.tensor(file.getFileName() + "/" + k)));
            }
        }
    }

    private static void reject(Path file) {
        assertThatThrownBy(() -> PickleFile.open(file).close())
                .as(file.toString())
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining(file.getFileName().toString())
                .hasMessageNotContaining("\n");
    }

    private static void assertSame(String what, Tensor got, Tensor expected) {
        assertThat(Map.of("dtype", Ops.dtype(got), "shape", Ops.shape(got), "bytes", Ops.bytes(got)))
                .as(what)
                .usingRecursiveComparison()
                .isEqualTo(Map.of(
                        "dtype", Ops.dtype(expected), "shape", Ops.shape(expected), "bytes", Ops.bytes(expected)));
    }

    private static List<Path> list(Path folder, String suffix) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.toString().endsWith(suffix)).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
