package dev.latente.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.latente.tensor.Ops;
import dev.latente.text.ClipTokenizer;
import dev.latente.weights.Json;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

@Tag("golden")
class ClipTokenizerGoldenTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("tokenizer", ClipTokenizerGoldenTest::takes, ClipTokenizerGoldenTest::check);
    }

    static boolean takes(GoldenCase c) {
        return !T5TokenizerGoldenTest.takes(c);
    }

    private static void check(GoldenCase c) {
        JsonNode file = Json.read(c.path("strings.json"));
        ClipTokenizer sd1 = ClipTokenizer.load(c.path("tokenizer_sd1"));
        ClipTokenizer sd2 = ClipTokenizer.load(c.path("tokenizer_sd2"));
        JsonNode strings = file.path("strings");
        assertEquals(c.json().path("count").asInt(), strings.size());
        for (JsonNode row : strings) {
            assertIds(sd1, row, "ids");
            assertIds(sd2, row, row.has("ids_sd2") ? "ids_sd2" : "ids");
        }
        assertPadded(c, "padded_sd1", strings, sd1);
        assertPadded(c, "padded_sd2", strings, sd2);
        // The stored texts lack every token 0, which is a control token only where '!' is the padding.
        for (JsonNode row : file.path("decode")) {
            assertEquals(row.path("text").asString(), sd2.decode(longs(row.path("ids"))));
        }
        List<Map.Entry<String, JsonNode>> added =
                new ArrayList<>(file.path("added_tokens").properties());
        added.sort(Comparator.comparingInt(e -> e.getValue().asInt()));
        ClipTokenizer more =
                sd1.withTokens(added.stream().map(Map.Entry::getKey).toList());
        added.forEach(e -> assertEquals(e.getValue().asInt(), more.id(e.getKey())));
        file.path("with_added_tokens").forEach(row -> assertIds(more, row, "ids"));
    }

    private static void assertIds(ClipTokenizer tokenizer, JsonNode row, String key) {
        String text = row.path("text").asString();
        assertArrayEquals(longs(row.path(key)), tokenizer.encodeWithEnds(text), key + " of " + text);
    }

    private static void assertPadded(GoldenCase c, String name, JsonNode strings, ClipTokenizer tokenizer) {
        long[] expected = Ops.longs(c.tensor(name));
        int length = (int) c.tensor(name).size(1);
        long[] got = StreamSupport.stream(strings.spliterator(), false)
                .flatMapToLong(row -> Arrays.stream(
                        tokenizer.padded(row.path("text").asString(), length).ids()))
                .toArray();
        assertArrayEquals(expected, got, name);
    }

    static long[] longs(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .mapToLong(JsonNode::asLong)
                .toArray();
    }
}
