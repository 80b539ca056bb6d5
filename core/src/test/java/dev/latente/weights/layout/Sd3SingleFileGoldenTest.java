package dev.latente.weights.layout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.latente.golden.Golden;
import dev.latente.golden.GoldenCase;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.weights.Safetensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The same transformer in both layouts, read from either and written as the other, bit by bit. */
@Tag("golden")
class Sd3SingleFileGoldenTest {
    private static final String SINGLE = "single_file.safetensors";

    private final Path temp;

    Sd3SingleFileGoldenTest(@TempDir Path temp) {
        this.temp = temp;
    }

    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("sd3", c -> Files.exists(c.path(SINGLE)), this::check);
    }

    private void check(GoldenCase c) {
        Path written = temp.resolve(c.name() + ".safetensors");
        Path folder = temp.resolve(c.name());
        try (CheckpointFiles expected = CheckpointFiles.open(c.dir());
                CheckpointFiles single = CheckpointFiles.open(c.path(SINGLE))) {
            CheckpointAssert.assertSame(c.name(), expected, single);
            new Converter(expected, null).toSingleFile(written);
            new Converter(single, null).toFolder(folder);
            try (CheckpointFiles back = CheckpointFiles.open(folder)) {
                CheckpointAssert.assertSame(c.name(), expected, back);
            }
        }
        assertSameBytes(c.path(SINGLE), written);
    }

    private static void assertSameBytes(Path expected, Path got) {
        Scopes.run(() -> {
            try (Safetensors e = Safetensors.open(expected);
                    Safetensors g = Safetensors.open(got)) {
                assertEquals(new TreeSet<>(e.keys()), new TreeSet<>(g.keys()));
                e.keys().forEach(key -> {
                    assertArrayEquals(Ops.shape(e.tensor(key)), Ops.shape(g.tensor(key)), key);
                    assertArrayEquals(Ops.bytes(e.tensor(key)), Ops.bytes(g.tensor(key)), key);
                });
            }
        });
    }
}
