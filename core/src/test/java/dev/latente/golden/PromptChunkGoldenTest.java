package dev.latente.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.latente.tensor.Ops;
import dev.latente.text.ClipTokenizer;
import dev.latente.text.PromptChunk;
import dev.latente.text.WeightedText;
import dev.latente.weights.Json;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

@Tag("golden")
class PromptChunkGoldenTest {
    private static final Pattern IDS = Pattern.compile("p(\\d+)\\.backtrack(\\d+)\\.ids");

    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("prompt", PromptChunkGoldenTest::takes, PromptChunkGoldenTest::check);
    }

    static boolean takes(GoldenCase c) {
        return c.json().has("chunk");
    }

    private static void check(GoldenCase c) {
        JsonNode prompts = Json.read(c.path(c.json().path("prompts").asString()));
        ClipTokenizer tokenizer = ClipTokenizer.load(c.path("tokenizer"));
        for (String name : c.names()) {
            Matcher m = IDS.matcher(name);
            if (m.matches()) {
                List<WeightedText> parsed =
                        PromptParserGoldenTest.assertParsed(prompts.path(Integer.parseInt(m.group(1))), c);
                List<PromptChunk> chunks =
                        PromptChunk.of(tokenizer, parsed, c.json().path("chunk").asInt(), Integer.parseInt(m.group(2)));
                assertChunks(c, name, chunks);
            }
        }
    }

    private static void assertChunks(GoldenCase c, String name, List<PromptChunk> chunks) {
        long[] ids = chunks.stream().flatMapToLong(k -> LongStream.of(k.ids())).toArray();
        assertArrayEquals(Ops.longs(c.tensor(name)), ids, name);
        float[] expected = Ops.floats(c.tensor(name.replace(".ids", ".weights")));
        float[] weights = new float[ids.length];
        int at = 0;
        for (PromptChunk chunk : chunks) {
            System.arraycopy(chunk.weights(), 0, weights, at, chunk.weights().length);
            at += chunk.weights().length;
        }
        assertArrayEquals(expected, weights, (float) c.atol(), name);
    }
}
