package dev.latente.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PromptTest {
    private static String schedule(String prompt, int steps) {
        return PromptSchedule.parse(prompt, steps).stream()
                .map(e -> e.until() + "=" + e.prompt())
                .collect(Collectors.joining(";"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '>',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "test>10=test",
                "a [b:3]>3=a ;10=a b",
                "a [b: 3 ]>3=a ;10=a b",
                "a [b::3]>3=a b;10=a ",
                "a [[[b]]:2]>2=a ;10=a [[b]]",
                "[(a:2):3]>3=;10=(a:2)",
                "a [b : c : 1] d>1=a b  d;10=a  c  d",
                "a[b:[c:d:2]:1]e>1=abe;2=ace;10=ade",
                "a [unbalanced>10=a [unbalanced",
                "a [b:.5] c>5=a  c;10=a b c",
                "a [b:0.29] c>2=a  c;10=a b c",
                "a [b:99] c>10=a  c",
                "a [b:0] c>10=a b c",
                "a [b:x] c>10=a [b:x] c",
                "a [b:c:d:3] e>10=a [b:c:d:3] e",
                "((a][:b:c [d:3]>3=((a][:b:c ;10=((a][:b:c d",
                "\\[a:3\\] [b:3]>3=\\[a:3\\] ;10=\\[a:3\\] b",
                "a | b [c:3]>10=a | b [c:3]",
                "[c:3] \\>10=[c:3] \\",
                "(a [b:3]:1.2)>3=(a :1.2);10=(a b:1.2)",
            })
    void schedules(String prompt, String expected) {
        assertEquals(expected, schedule(prompt, 10));
    }

    @Test
    void alternatives() {
        assertEquals("1=a;2=(b:1.1);3=a", schedule("[a|(b:1.1)]", 3));
        assertEquals("1=female;2=male;3=male;4=male;5=female", schedule("[fe|||]male", 5));
        assertEquals("1=a;2=b;3=c;4=b", schedule("[[a:c:2]|b]", 4));
    }

    @Test
    void aSecondPassCountsOn() {
        String prompt = "a [b:12] [c:1.5] [d:0.5]";
        assertEquals(
                List.of(
                        new PromptSchedule.Entry(2, "a   d"),
                        new PromptSchedule.Entry(5, "a b  d"),
                        new PromptSchedule.Entry(10, "a b c d")),
                PromptSchedule.parseSecondPass(prompt, 10, 10));
    }

    @Test
    void numbersThatAreNoneStayText() {
        assertEquals(List.of(new WeightedText("a:1.2.3)", 1.1)), PromptParser.parse("(a:1.2.3)"));
        assertEquals(List.of(new WeightedText("a:.)", 1.1)), PromptParser.parse("(a:.)"));
    }

    @Test
    void aBreakInBracketsIsAWord() {
        List<WeightedText> runs = PromptParser.parse("(a BREAK b)");
        assertEquals("BREAK", runs.get(1).text());
        assertFalse(runs.get(1).isBreak());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(", "[", ")", "]", "\\", ":", "|", " ", "1", "(a", "[a:", "[a|", "a:1)", "BREAK ", ": ", "(a:1.1)"
            })
    void longPromptsAreNoTrap(String part) {
        String prompt = part.repeat(50_000);
        assertFalse(PromptParser.parse(prompt).isEmpty());
        assertFalse(PromptSchedule.parse(prompt, 4).isEmpty());
    }

    @Test
    void deepNestsAreNoTrap() {
        int depth = 50_000;
        assertEquals(
                1,
                PromptParser.parse("[".repeat(depth) + "a" + "]".repeat(depth)).size());
        assertEquals(
                List.of(new PromptSchedule.Entry(3, ""), new PromptSchedule.Entry(4, "a")),
                PromptSchedule.parse("[".repeat(depth) + "a" + ":3]".repeat(depth), 4));
        assertEquals(
                4,
                PromptSchedule.parse("[".repeat(depth) + "a" + "|b]".repeat(depth), 4)
                        .size());
    }

    @Test
    void everyTextIsAPrompt() {
        Random random = new Random(7);
        String[] parts = {
            "(", ")", "[", "]", ":", "|", "\\", "1.5", ".", "BREAK", " ", "\n", "a", "🙂", "\uD83D", "+", "٣"
        };
        for (int i = 0; i < 20_000; i++) {
            StringBuilder prompt = new StringBuilder();
            for (int n = random.nextInt(24); n > 0; n--) {
                prompt.append(parts[random.nextInt(parts.length)]);
            }
            List<WeightedText> runs = PromptParser.parse(prompt.toString());
            assertFalse(runs.isEmpty());
            List<PromptSchedule.Entry> entries = PromptSchedule.parse(prompt.toString(), 5);
            assertEquals(5, entries.get(entries.size() - 1).until());
        }
    }
}
