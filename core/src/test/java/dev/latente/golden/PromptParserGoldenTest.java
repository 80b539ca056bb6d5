package dev.latente.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.latente.text.PromptParser;
import dev.latente.text.WeightedText;
import dev.latente.weights.Json;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

@Tag("golden")
class PromptParserGoldenTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("prompt", PromptParserGoldenTest::takes, PromptParserGoldenTest::check);
    }

    static boolean takes(GoldenCase c) {
        return c.json().has("table");
    }

    private static void check(GoldenCase c) {
        JsonNode table = Json.read(c.path(c.json().path("table").asString()));
        assertEquals(c.json().path("rows").asInt(), table.size());
        for (JsonNode row : table) {
            assertParsed(row, c);
        }
    }

    static List<WeightedText> assertParsed(JsonNode row, GoldenCase c) {
        String prompt = row.path("prompt").asString();
        List<WeightedText> got = PromptParser.parse(prompt);
        JsonNode expected = row.path("parsed");
        assertEquals(expected.size(), got.size(), prompt + " gave " + got);
        for (int i = 0; i < got.size(); i++) {
            assertEquals(expected.path(i).path(0).asString(), got.get(i).text(), prompt);
            double weight = expected.path(i).path(1).asDouble();
            assertEquals(weight, got.get(i).weight(), c.atol() + c.rtol() * Math.abs(weight), prompt);
        }
        return got;
    }
}
