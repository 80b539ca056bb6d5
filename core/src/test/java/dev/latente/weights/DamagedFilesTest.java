package dev.latente.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Safetensors files that were sound once: cut off, with other bytes here and there, or shortened while they are read. */
class DamagedFilesTest {
    private final Path dir;

    DamagedFilesTest(@TempDir Path dir) {
        this.dir = dir;
    }

    @Test
    void everyTruncationOfAKilobyteIsRefused() throws IOException {
        StringBuilder json = new StringBuilder("{\"__metadata__\":{\"k\":\"ñ\"}");
        for (int i = 0; i < 10; i++) {
            json.append(",\"tensor.%d\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[%d,%d]}"
                    .formatted(i, 40, 40 * i, 40 * i + 40));
        }
        byte[] good = HostileFilesTest.file(json.append('}').toString(), 400);
        assertThat(good).hasSizeGreaterThan(1000);
        Path path = dir.resolve("x");
        Files.write(path, good);
        Safetensors.open(path).close();
        for (int n = 0; n < good.length; n++) {
            Files.write(path, Arrays.copyOf(good, n));
            assertThat(HostileFilesTest.refusal(path)).startsWith(path + ": ");
        }
    }

    @Test
    void mutationsAreReadOrRefused() throws IOException {
        Random random = new Random(20_000);
        byte[] tokens = "{}[]\":,0123456789-.eE\\u null".getBytes(StandardCharsets.US_ASCII);
        String json = "{\"__metadata__\":{\"format\":\"pt\"}," + HostileFilesTest.GOOD
                + ",\"b.ñ\":{\"dtype\":\"BF16\",\"shape\":[2,0],\"data_offsets\":[8,8]}"
                + ",\"c\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[8,16]}}";
        byte[] good = HostileFilesTest.file(json, 16);
        Path path = dir.resolve("x");
        int read = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = good.clone();
            for (int n = random.nextInt(4); n >= 0; n--) {
                int at = random.nextInt(10) == 0 ? random.nextInt(8) : random.nextInt(bytes.length);
                bytes[at] = switch (random.nextInt(3)) {
                    case 0 -> (byte) random.nextInt(256);
                    case 1 -> (byte) (bytes[at] ^ 1 << random.nextInt(8));
                    default -> tokens[random.nextInt(tokens.length)];
                };
            }
            Files.write(path, random.nextInt(20) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes);
            try (TensorFile file = Safetensors.open(path)) {
                file.tensors().values().forEach(t -> assertThat(t.bytes()).isBetween(0L, 16L));
                read++;
            } catch (WeightsException e) {
                assertThat(e.getMessage()).startsWith(path + ": ").hasLineCount(1);
            }
        }
        assertThat(read).isBetween(100, 19_000);
    }

    @Test
    void aFileThatShrankIsRefusedBeforeItIsTouched() throws IOException {
        Path path = dir.resolve("x");
        Files.write(path, HostileFilesTest.file("{" + HostileFilesTest.GOOD + "}", 8));
        try (TensorFile file = Safetensors.open(path);
                RandomAccessFile cut = new RandomAccessFile(path.toFile(), "rw")) {
            cut.setLength(20);
            assertThat(catchThrowable(() -> file.tensor("a")))
                    .isInstanceOf(WeightsException.class)
                    .hasMessageContaining("[a]")
                    .hasMessageContaining("when it was opened");
        }
    }
}
