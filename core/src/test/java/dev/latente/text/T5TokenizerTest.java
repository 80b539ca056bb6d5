package dev.latente.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.latente.weights.WeightsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class T5TokenizerTest {
    /** Ids 0 to 9, then two bytes. */
    private static final String PIECES = "[\"<pad>\",0],[\"</s>\",0],[\"<unk>\",0],[\"▁\",-3],[\"a\",-4],[\"b\",-4],"
            + "[\"▁ab\",-5],[\"abb\",-5.5],[\"bb\",-6],[\"🙂\",-7],[\"<0xC3>\",-9],[\"<0xA9>\",-9]";

    private Path folder = Path.of("");

    @BeforeEach
    void useFolder(@TempDir Path temp) {
        folder = temp;
    }

    private T5Tokenizer tokenizer(boolean byteFallback) throws IOException {
        Files.writeString(
                folder.resolve("tokenizer.json"),
                "{\"model\": {\"unk_id\": 2, \"byte_fallback\": %s, \"vocab\": [%s]}}".formatted(byteFallback, PIECES));
        return T5Tokenizer.load(folder);
    }

    @Test
    void takesTheMostProbablePieces() throws IOException {
        assertArrayEquals(new long[] {6, 1}, tokenizer(false).encodeWithEnds(" ab "));
        assertArrayEquals(new long[] {3, 7, 1}, tokenizer(false).encodeWithEnds("abb"));
        assertArrayEquals(new long[] {6, 6, 6}, tokenizer(false).encode("ab\n\u3000ab▁ab"));
    }

    @Test
    void unknownNeighboursAreOneToken() throws IOException {
        assertArrayEquals(new long[] {3, 4, 2, 4, 9}, tokenizer(false).encode("axyz漢a🙂"));
        assertArrayEquals(new long[] {3, 2}, tokenizer(false).encode("\uD83D"));
    }

    @Test
    void bytesStandForUnknownText() throws IOException {
        assertArrayEquals(new long[] {3, 4, 10, 11}, tokenizer(true).encode("aé"));
        assertArrayEquals(new long[] {3, 4, 2}, tokenizer(true).encode("a漢"));
    }

    @Test
    void sentinelsFollowTheVocabulary() throws IOException {
        T5Tokenizer tokenizer = tokenizer(false);
        assertEquals(12 + 99, tokenizer.id("<extra_id_0>"));
        assertArrayEquals(new long[] {6, 12 + 99, 6}, tokenizer.encode("ab<extra_id_0>ab"));
    }

    @Test
    void decodesAndPads() throws IOException {
        T5Tokenizer tokenizer = tokenizer(false);
        assertEquals("ab abb", tokenizer.decode(tokenizer.encodeWithEnds("ab abb")));
        PaddedTokens padded = tokenizer.padded("ab", 4);
        assertArrayEquals(new long[] {6, 1, 0, 0}, padded.ids());
        assertArrayEquals(new long[] {1, 1, 0, 0}, padded.mask());
        assertArrayEquals(new long[] {6, 1}, tokenizer.padded("ab ab ab", 2).ids());
        assertArrayEquals(new long[] {1}, tokenizer.padded("", 1).ids());
    }

    @Test
    void longTextsAreNoTrap() throws IOException {
        assertEquals(1_000_000, tokenizer(false).encode("b".repeat(2_000_000)).length, 1);
    }

    @Test
    void malformedModelsAreNamed() throws IOException {
        assertThrows(WeightsException.class, () -> T5Tokenizer.load(folder));
        for (byte[] bad : new byte[][] {{}, {10}, {10, 127, 0}, {-1, -1, -1}, {11}, {8, 1}}) {
            Files.write(folder.resolve("spiece.model"), bad);
            assertThrows(WeightsException.class, () -> T5Tokenizer.load(folder));
        }
    }
}
