package dev.latente.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.weights.Gguf;
import dev.latente.weights.ReadAhead;
import dev.latente.weights.TensorFile;
import dev.latente.weights.TensorFiles;
import dev.latente.weights.WeightsException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

@Tag("golden")
class GgufGoldenTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("gguf", c -> {
            if (c.json().has("files")) {
                c.json().path("files").forEach(f -> assertRefused(c.path(f.asString())));
            } else {
                assertValues(c);
            }
        });
    }

    private static void assertRefused(Path file) {
        assertThatThrownBy(() -> Gguf.open(file).close())
                .as(file.toString())
                .isInstanceOf(WeightsException.class)
                .message()
                .startsWith(file.toString())
                .hasLineCount(1);
    }

    private static void assertValues(GoldenCase c) {
        Path path = c.path(c.json().path("file").asString());
        try (TensorFile file = Gguf.open(path)) {
            assertThat(file.keys()).containsExactlyInAnyOrderElementsOf(c.names());
            c.json()
                    .path("types")
                    .properties()
                    .forEach(t -> assertThat(file.tensors().get(t.getKey()).dtype())
                            .isEqualTo(t.getValue().asString()));
            c.json()
                    .path("metadata")
                    .properties()
                    .forEach(m -> assertThat(file.metadata())
                            .containsEntry(m.getKey(), m.getValue().asString()));
            c.names().forEach(name -> c.assertClose(name, file.tensor(name)));
            assertStreamsTheSame(path, file);
        }
    }

    /** Twice, because the second time they are read ahead. */
    private static void assertStreamsTheSame(Path path, TensorFile mapped) {
        try (ReadAhead reads = new ReadAhead();
                TensorFile streamed = TensorFiles.open(path, reads)) {
            for (int time = 0; time < 2; time++) {
                mapped.keys()
                        .forEach(name -> Scopes.run(() -> assertThat(Ops.doubles(streamed.tensor(name)))
                                .as(name)
                                .containsExactly(Ops.doubles(mapped.tensor(name)))));
            }
        }
    }
}
