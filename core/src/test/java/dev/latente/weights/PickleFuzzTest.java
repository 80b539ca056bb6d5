package dev.latente.weights;

import static dev.latente.weights.PickleBytes.pickle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged files are either refused in one line or read within their bounds. */
class PickleFuzzTest {
    private static final int MUTATIONS = 3_500;
    private static final int[] ODD = {0, 1, 0x7f, 0x80, 0xff, '(', '.', 'R', 't', 'c', 'q', 'h', 0x93, 0x8d};

    private Path folder;

    @BeforeEach
    void open(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void archives() throws IOException {
        byte[] zip = ZipBytes.checkpoint(state().stop()).bytes();
        run(1, random -> mutate(zip, random));
    }

    /** The pickle alone is damaged, so that the checksum does not hide it. */
    @Test
    void pickles() throws IOException {
        byte[] pickle = state().stop();
        run(2, random -> ZipBytes.checkpoint(mutate(pickle, random)).bytes());
    }

    @Test
    void legacyFiles() throws IOException {
        byte[] file = new PickleBytes()
                .raw(HexFormat.of().parseHex("80028a0a6cfc9c46f9206aa850192e"))
                .raw(pickle().number(1001).stop())
                .raw(pickle().op('}').stop())
                .raw(state().stop())
                .raw(pickle().op(']').text("0").op('a').stop())
                .int8(4)
                .int8(1)
                .int8(2)
                .bytes();
        run(3, random -> mutate(file, random));
    }

    private static PickleBytes state() {
        PickleBytes p = pickle().op('}').op('q', 0).op('(').text("global_step").number(7);
        p.text("v").tensor("0", 4, 1, new long[] {2, 2}, 1, 1);
        return p.text("w").op('q', 1).weight().op('u');
    }

    private interface Maker {
        byte[] make(Random random);
    }

    private void run(long seed, Maker maker) throws IOException {
        Random random = new Random(seed);
        Path path = folder.resolve("fuzz.ckpt");
        int read = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] bytes = maker.make(random);
            Files.write(path, bytes);
            try (PickleFile file = PickleFile.open(path)) {
                Scopes.run(() -> file.keys().forEach(key -> Ops.bytes(file.tensor(key))));
                read++;
            } catch (WeightsException e) {
                assertThat(e).hasMessageStartingWith(path.toString()).hasMessageNotContaining("\n");
            } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
                fail(
                        "mutation %d of seed %d: %s"
                                .formatted(i, seed, HexFormat.of().formatHex(bytes)),
                        e);
            }
        }
        assertThat(read).isBetween(1, MUTATIONS - 1);
    }

    /** One to three changes: a byte, a bit, a cut, a removed part or a repeated part. */
    private static byte[] mutate(byte[] good, Random random) {
        byte[] bytes = good.clone();
        for (int i = random.nextInt(3); i >= 0 && bytes.length > 0; i--) {
            int at = random.nextInt(bytes.length);
            int to = Math.min(bytes.length, at + 1 + random.nextInt(16));
            switch (random.nextInt(6)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] = (byte) ODD[random.nextInt(ODD.length)];
                case 2 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 3 -> bytes = join(bytes, 0, at, 0, 0);
                case 4 -> bytes = join(bytes, 0, at, to, bytes.length);
                default -> bytes = join(bytes, 0, to, at, bytes.length);
            }
        }
        return bytes;
    }

    private static byte[] join(byte[] bytes, int from, int to, int from2, int to2) {
        byte[] out = new byte[to - from + to2 - from2];
        System.arraycopy(bytes, from, out, 0, to - from);
        System.arraycopy(bytes, from2, out, to - from, to2 - from2);
        return out;
    }
}
