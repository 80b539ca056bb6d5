package dev.latente.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.latente.tensor.Ops;
import dev.latente.text.PaddedTokens;
import dev.latente.text.T5Tokenizer;
import dev.latente.weights.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

@Tag("golden")
class T5TokenizerGoldenTest {
    @TempDir
    Path temp;

    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("tokenizer", T5TokenizerGoldenTest::takes, this::check);
    }

    static boolean takes(GoldenCase c) {
        return Files.exists(c.path("tokenizer/spiece.model"));
    }

    private void check(GoldenCase c) {
        Path folder = c.path("tokenizer");
        check(c, T5Tokenizer.load(folder));
        for (String file : List.of("spiece.model", "tokenizer.json")) {
            check(c, T5Tokenizer.load(only(file, folder)));
        }
    }

    private Path only(String file, Path folder) {
        try {
            Path copy = Files.createTempDirectory(temp, "only");
            Files.copy(folder.resolve(file), copy.resolve(file));
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void check(GoldenCase c, T5Tokenizer tokenizer) {
        JsonNode strings = Json.read(c.path("strings.json")).path("strings");
        assertEquals(c.json().path("count").asInt(), strings.size());
        int length = c.json().path("max_length").asInt();
        LongStream.Builder ids = LongStream.builder();
        LongStream.Builder mask = LongStream.builder();
        for (JsonNode row : strings) {
            String text = row.path("text").asString();
            assertArrayEquals(
                    ClipTokenizerGoldenTest.longs(row.path("ids")), tokenizer.encodeWithEnds(text), "ids of " + text);
            PaddedTokens padded = tokenizer.padded(text, length);
            LongStream.of(padded.ids()).forEach(ids::add);
            LongStream.of(padded.mask()).forEach(mask::add);
        }
        assertArrayEquals(Ops.longs(c.tensor("padded")), ids.build().toArray(), "padded");
        assertArrayEquals(Ops.longs(c.tensor("attention_mask")), mask.build().toArray(), "attention_mask");
    }
}
