package dev.latente.weights.layout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.latente.golden.Golden;
import dev.latente.golden.GoldenCase;
import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import dev.latente.weights.layout.CheckpointFiles.Options;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

@Tag("golden")
class ConverterGoldenTest {
    private final Path temp;

    ConverterGoldenTest(@TempDir Path temp) {
        this.temp = temp;
    }

    /** Folder to file to folder: nothing changes. */
    @TestFactory
    Stream<DynamicTest> roundTrips() {
        return Golden.tests("single_file", this::roundTrip);
    }

    private void roundTrip(GoldenCase c) {
        Path file = temp.resolve(c.name() + ".safetensors");
        Path folder = temp.resolve(c.name());
        Options options = Options.DEFAULT.withConfigs(c.path("model"));
        try (CheckpointFiles model = CheckpointFiles.open(c.path("model"))) {
            new Converter(model, null).toSingleFile(file);
            try (CheckpointFiles single = CheckpointFiles.open(file, options)) {
                CheckpointAssert.assertSame(c.name(), model, single);
                new Converter(single, DType.F32).toFolder(folder);
            }
            try (CheckpointFiles back = CheckpointFiles.open(folder)) {
                assertEquals(model.config("unet"), back.config("unet"));
                assertEquals(DType.F32, Ops.dtype(back.tensor("unet", "conv_in.weight")));
                assertArrayEquals(
                        Ops.floats(model.tensor("unet", "conv_in.weight")),
                        Ops.floats(back.tensor("unet", "conv_in.weight")));
            }
        }
    }

    /** A quantised file holds the values that the reference decodes. */
    @TestFactory
    Stream<DynamicTest> quantised() {
        return Golden.tests("gguf", c -> c.json().has("same_weights_unquantised"), ConverterGoldenTest::quantised);
    }

    private static void quantised(GoldenCase c) {
        Path model = c.tree()
                .resolve(c.json().path("same_weights_unquantised").asString())
                .resolve("model");
        Options options = Options.DEFAULT.withConfigs(model);
        try (CheckpointFiles expected = CheckpointFiles.open(c.path("io.safetensors"), options);
                CheckpointFiles got =
                        CheckpointFiles.open(c.path(c.json().path("file").asString()), options)) {
            assertEquals(expected.components(), got.components());
            for (String component : expected.components()) {
                assertEquals(
                        expected.weights(component).keys(),
                        got.weights(component).keys());
                for (String name : expected.weights(component).keys()) {
                    c.assertClose(name, got.tensor(component, name), expected.tensor(component, name));
                }
            }
        }
    }
}
