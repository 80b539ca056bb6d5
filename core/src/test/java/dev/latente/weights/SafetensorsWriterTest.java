package dev.latente.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
    private final Path dir;

    SafetensorsWriterTest(@TempDir Path dir) {
        this.dir = dir;
    }

    /** Names, ranks (0 to 4), empty dimensions and metadata at random: what is read is what was written. */
    @Test
    void twoHundredRandomFilesComeBackAsTheyWere() {
        Random random = new Random(7);
        Path file = dir.resolve("x.safetensors");
        for (int i = 0; i < 200; i++) {
            Scopes.run(() -> {
                Map<String, Tensor> tensors = new LinkedHashMap<>();
                for (int n = random.nextInt(12); n > 0; n--) {
                    tensors.put(name(random), tensor(random));
                }
                Map<String, String> metadata = random.nextBoolean() ? Map.of() : Map.of(name(random), name(random));
                SafetensorsWriter.of(tensors).withMetadata(metadata).write(file);
                assertSame(file, tensors, metadata);
            });
        }
        assertThat(names()).containsExactly("x.safetensors");
    }

    private static String name(Random random) {
        List<String> parts = List.of("a", "weight", ".", "ñ", "潜", "🙂", "\"", "\\", "/", "\u007f", "\t", " ");
        StringBuilder name = new StringBuilder();
        for (int i = random.nextInt(6); i >= 0; i--) {
            name.append(parts.get(random.nextInt(parts.size())));
        }
        return name.toString();
    }

    private static Tensor tensor(Random random) {
        List<DType> types = List.of(DType.values());
        DType dtype = types.get(random.nextInt(types.size()));
        long[] shape = new long[random.nextInt(5)];
        int bytes = dtype.bytes();
        for (int d = 0; d < shape.length; d++) {
            shape[d] = random.nextInt(random.nextInt(4) == 0 ? 2 : 5);
            bytes *= (int) shape[d];
        }
        byte[] data = new byte[bytes];
        random.nextBytes(data);
        if (dtype == DType.BOOL) {
            for (int i = 0; i < bytes; i++) {
                data[i] &= 1;
            }
        }
        return Ops.ofBytes(data, dtype, shape);
    }

    private static void assertSame(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
        try (TensorFile read = TensorFiles.open(file)) {
            assertThat(read.keys()).containsExactlyInAnyOrderElementsOf(tensors.keySet());
            assertThat(read.metadata()).isEqualTo(metadata);
            tensors.forEach((name, x) -> {
                assertThat(Ops.dtype(read.tensor(name))).isEqualTo(Ops.dtype(x));
                assertThat(Ops.shape(read.get(name, Ops.shape(x)))).isEqualTo(Ops.shape(x));
                assertThat(Ops.bytes(read.tensor(name))).isEqualTo(Ops.bytes(x));
            });
        }
    }

    /** The bytes that the reference library writes for these tensors. */
    @Test
    void orderIsWidestTypeFirstThenName() throws IOException {
        Path file = dir.resolve("x.safetensors");
        Scopes.run(() -> SafetensorsWriter.of(Map.of(
                        "b", Ops.zeros(DType.F16, Device.CPU, 1),
                        "z", Ops.zeros(DType.F32, Device.CPU, 1),
                        "a", Ops.zeros(DType.F32, Device.CPU),
                        "i", Ops.zeros(DType.I64, Device.CPU, 0, 2)))
                .write(file));
        String header = "{\"i\":{\"dtype\":\"I64\",\"shape\":[0,2],\"data_offsets\":[0,0]},"
                + "\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},"
                + "\"z\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]},"
                + "\"b\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[8,10]}}";
        byte[] bytes = Files.readAllBytes(file);
        int padded = (header.length() + 7) / 8 * 8;
        assertThat(bytes).hasSize(8 + padded + 10).startsWith(padded & 0xff, padded >> 8, 0, 0, 0, 0, 0, 0);
        assertThat(new String(bytes, 8, padded, StandardCharsets.UTF_8).stripTrailing())
                .isEqualTo(header);
    }

    @Test
    void aTransposedTensorIsWrittenInItsOwnOrder() {
        Path file = dir.resolve("x.safetensors");
        Scopes.run(() -> {
            SafetensorsWriter.of(Map.of(
                            "t", Ops.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3).t()))
                    .write(file);
            try (TensorFile read = Safetensors.open(file)) {
                assertThat(Ops.floats(read.tensor("t"))).containsExactly(1, 4, 2, 5, 3, 6);
            }
        });
    }

    @Test
    void aWriteThatFailsLeavesWhatWasThere() throws IOException {
        Path file = dir.resolve("x.safetensors");
        Files.writeString(file, "before");
        TensorInfo good = new TensorInfo("good", "F32", List.of(2L), 8);
        TensorInfo bad = new TensorInfo("late", "F16", List.of(2L), 4);
        SafetensorsWriter lying = SafetensorsWriter.of(List.of(good, bad), name -> Ops.zeros(DType.F32, Device.CPU, 2));
        assertThatThrownBy(() -> lying.write(file))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("[late]")
                .hasMessageContaining("F32[2], announced as F16[2]");
        assertThatThrownBy(() -> lying.writeShards(file, 8)).isInstanceOf(WeightsException.class);
        SafetensorsWriter broken = SafetensorsWriter.of(List.of(good, bad), name -> {
            throw new IllegalStateException("no such tensor");
        });
        assertThatThrownBy(() -> broken.write(file)).isInstanceOf(IllegalStateException.class);
        assertThat(Files.readString(file)).isEqualTo("before");
        assertThat(names()).containsExactly("x.safetensors");
    }

    @Test
    void aFolderThatIsNotThereIsNamed() {
        Path file = dir.resolve("none/x.safetensors");
        assertThatThrownBy(() -> SafetensorsWriter.of(Map.of()).write(file))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void shardsComeBackAsOneFile() {
        Path file = dir.resolve("model.safetensors");
        List<Long> progress = new ArrayList<>();
        Scopes.run(() -> {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            for (int i = 0; i < 5; i++) {
                tensors.put("t" + i, Ops.full(i, DType.F32, Device.CPU, 2 + i));
            }
            Path index =
                    SafetensorsWriter.of(tensors).withProgress(progress::add).writeShards(file, 20);
            assertThat(index).hasFileName("model.safetensors.index.json");
            assertSame(index, tensors, Map.of("total_size", "80"));
            // Sizes 8, 12 | 16 | 20 | 24, which is more than a shard may have.
            assertThat(names())
                    .containsExactly(
                            "model-00001-of-00004.safetensors",
                            "model-00002-of-00004.safetensors",
                            "model-00003-of-00004.safetensors",
                            "model-00004-of-00004.safetensors",
                            "model.safetensors.index.json");
            assertThat(SafetensorsWriter.of(tensors).writeShards(file, 80)).isEqualTo(file);
        });
        assertThat(progress.stream().mapToLong(Long::longValue).sum()).isEqualTo(80);
    }

    private List<String> names() {
        try (Stream<Path> list = Files.list(dir)) {
            return list.map(p -> p.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
