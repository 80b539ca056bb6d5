package dev.latente.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latente.weights.WeightsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A vocabulary of all bytes, a few merges and CLIP's two control tokens. */
class ClipTokenizerTest {
    private static final List<String> MERGES = List.of("c a", "ca t</w>", "ca t", "d o", "do g</w>", "a a", "aa aa");

    private Path folder = Path.of("");

    private final Map<String, Integer> vocabulary = new LinkedHashMap<>();

    @BeforeEach
    void writeVocabulary(@TempDir Path temp) throws IOException {
        folder = temp;
        for (String end : List.of("", "</w>")) {
            for (char c = '!'; c < 0x144; c++) {
                if (c <= '~' || (c >= 0xA1 && c != 0xAD)) {
                    vocabulary.put(c + end, vocabulary.size());
                }
            }
        }
        assertEquals(512, vocabulary.size());
        MERGES.forEach(merge -> vocabulary.put(merge.replace(" ", ""), vocabulary.size()));
        vocabulary.put("<|startoftext|>", vocabulary.size());
        vocabulary.put("<|endoftext|>", vocabulary.size());
        Files.writeString(folder.resolve("vocab.json"), vocabularyJson());
        Files.writeString(folder.resolve("merges.txt"), "#version: 0.2\n" + String.join("\n", MERGES) + "\n");
    }

    private String vocabularyJson() {
        return vocabulary.entrySet().stream()
                .map(e -> "\"%s\":%d".formatted(e.getKey().replaceAll("[\"\\\\]", "\\\\$0"), e.getValue()))
                .collect(Collectors.joining(",", "{", "}"));
    }

    private ClipTokenizer tokenizer() {
        return ClipTokenizer.load(folder);
    }

    private ClipTokenizer tokenizer(String config) throws IOException {
        Files.writeString(folder.resolve("tokenizer_config.json"), config);
        return tokenizer();
    }

    private List<String> tokens(ClipTokenizer tokenizer, String text) {
        Map<Integer, String> names = new LinkedHashMap<>();
        vocabulary.forEach((token, id) -> names.put(id, token));
        List<String> out = new ArrayList<>();
        for (long id : tokenizer.encode(text)) {
            out.add(names.getOrDefault((int) id, "#" + id));
        }
        return out;
    }

    @Test
    void mergesByRank() {
        assertEquals(List.of("cat</w>", "dog</w>", "cat", "s</w>"), tokens(tokenizer(), "Cat  DOG\ncats"));
        assertEquals(List.of("aaaa", "a</w>"), tokens(tokenizer(), "aaaaa"));
    }

    @Test
    void splitsWordsAsClipDoes() {
        assertEquals(
                List.of("cat</w>", "'", "s</w>", "1</w>", "2</w>", ",", ".", "!</w>"),
                tokens(tokenizer(), "cat's12,.!"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a cat",
                "¿ dónde ?",
                "漢字 カタカナ",
                "🙂👨‍👩‍👧 !",
                "עברית العربية",
                "n ı ß",
                "𖺻 𐐨",
                "x\u0301\u0301 y"
            })
    void decodesWhatItEncodes(String text) {
        ClipTokenizer tokenizer = tokenizer();
        String once = tokenizer.decode(tokenizer.encode(text));
        assertEquals(once.replace(" ", ""), Unicode.foldForClip(text).replace(" ", ""));
        assertArrayEquals(tokenizer.encode(text), tokenizer.encode(once));
    }

    @Test
    void lowerCaseIsThatOfSingleCharacters() {
        assertEquals("σσ i\u0307 é", Unicode.foldForClip("ΣΣ İ e\u0301"));
    }

    @Test
    void unpairedSurrogatesAreReplaced() {
        assertArrayEquals(tokenizer().encode("a\uFFFDb"), tokenizer().encode("a\uD83Db"));
    }

    @Test
    void emptyAndBlankTextsHaveEndsOnly() {
        ClipTokenizer tokenizer = tokenizer();
        long[] ends = {tokenizer.bos(), tokenizer.eos()};
        assertArrayEquals(ends, tokenizer.encodeWithEnds(""));
        assertArrayEquals(ends, tokenizer.encodeWithEnds(" \t\n\u3000"));
        assertEquals("", tokenizer.decode(ends));
    }

    @Test
    void paddingCutsTheTextAndKeepsTheEnd() {
        ClipTokenizer tokenizer = tokenizer();
        int cat = tokenizer.id("cat</w>");
        PaddedTokens shorter = tokenizer.padded("cat cat cat", 4);
        assertArrayEquals(new long[] {tokenizer.bos(), cat, cat, tokenizer.eos()}, shorter.ids());
        PaddedTokens longer = tokenizer.padded("cat", 5);
        assertArrayEquals(
                new long[] {tokenizer.bos(), cat, tokenizer.eos(), tokenizer.pad(), tokenizer.pad()}, longer.ids());
        assertArrayEquals(new long[] {1, 1, 1, 0, 0}, longer.mask());
        assertThrows(IllegalArgumentException.class, () -> tokenizer.padded("cat", 1));
    }

    @Test
    void aPadTokenOfTheTextIsCutOutFirst() throws IOException {
        ClipTokenizer tokenizer = tokenizer("{\"pad_token\": \"!\"}");
        assertEquals(0, tokenizer.pad());
        assertEquals(List.of("?</w>", "!", "!", "?</w>"), tokens(tokenizer, "?!!?"));
        assertEquals("??", tokenizer.decode(tokenizer.encode("?!!?")).replace(" ", ""));
    }

    @Test
    void normalizedTokensAreMatchedInNormalizedText() throws IOException {
        String eos = "{\"eos_token\": {\"content\": \"<|endoftext|>\", \"normalized\": %s}, \"pad_token\": \"!\","
                + "\"unk_token\": {\"content\": \"<|endoftext|>\", \"normalized\": %s}}";
        assertEquals(List.of("<|endoftext|>"), tokens(tokenizer(eos.replace("%s", "true")), "<|EndOfText|>"));
        assertEquals(
                List.of("<", "|</w>"),
                tokens(tokenizer(eos.replace("%s", "false")), "<|EndOfText|>!").subList(0, 2));
    }

    @Test
    void addedTokensStripAndStandAlone() throws IOException {
        ClipTokenizer tokenizer = tokenizer("{\"added_tokens_decoder\": {"
                + "\"600\": {\"content\": \"<l>\", \"lstrip\": true}, \"601\": {\"content\": \"<r>\", \"rstrip\": true},"
                + "\"602\": {\"content\": \"one\", \"single_word\": true}}}");
        int first = vocabulary.size();
        assertArrayEquals(new long[] {first, first + 1, first + 2}, tokenizer.encode("  <l> <r>  one"));
        assertTrue(tokenizer.encode("ones").length > 1);
        assertEquals(first + 3, tokenizer.size());
    }

    @Test
    void tokensCanBeAdded() {
        ClipTokenizer base = tokenizer();
        ClipTokenizer more = base.withTokens(List.of("<toy>", "<toy>_1"));
        int toy = base.size();
        assertArrayEquals(
                new long[] {base.id("a</w>"), toy, toy + 1, toy, base.id("b</w>")},
                more.encode("a <toy><TOY>_1 <toy>b"));
        assertEquals(toy + 1, more.id("<toy>_1"));
        assertEquals(-1, base.id("<toy>"));
        assertEquals(toy + 2, more.size());
        assertEquals(toy + 3, more.withTokens(List.of("<toy>", "<hat>")).size());
    }

    @Test
    void aWordMayBeSeveralTokens() {
        ClipTokenizer base = tokenizer();
        ClipTokenizer more = base.withWord("<toy>", 2).withWord("<hat>", 1).withPad("a</w>");
        int toy = base.size();
        assertArrayEquals(
                new long[] {base.id("a</w>"), toy, toy + 1, toy + 2, toy, toy + 1}, more.encode("a <toy> <hat><TOY>"));
        assertEquals(toy + 1, more.id("<toy>_1"));
        assertThrows(IllegalArgumentException.class, () -> more.withWord("<toy>", 1));
        assertThrows(IllegalArgumentException.class, () -> base.withWord("a</w>", 1));
    }

    @Test
    void oneFileIsEnough() throws IOException {
        ClipTokenizer expected = tokenizer();
        Path single = Files.createDirectory(folder.resolve("single"));
        String merges = MERGES.stream()
                .map(m -> "[\"" + m.replace(" ", "\",\"") + "\"]")
                .collect(Collectors.joining(","));
        Files.writeString(
                single.resolve("tokenizer.json"),
                "{\"added_tokens\": [], \"model\": {\"vocab\": %s, \"merges\": [%s]}}"
                        .formatted(vocabularyJson(), merges));
        String text = "a CAT, dogs 漢";
        assertArrayEquals(
                expected.encodeWithEnds(text), ClipTokenizer.load(single).encodeWithEnds(text));
    }

    @Test
    void longWordsAreNoTrap() {
        assertEquals(250_002, tokenizer().encode("a".repeat(1_000_000)).length);
        assertEquals(1_000_000, tokenizer().encode("!".repeat(1_000_000)).length);
    }

    @Test
    void filesThatDoNotFitAreNamed() throws IOException {
        Files.writeString(folder.resolve("merges.txt"), "c zz\n");
        assertTrue(failure().contains("[zz]"));
        Files.writeString(folder.resolve("merges.txt"), "c\n");
        assertTrue(failure().contains("[c]"));
        Files.delete(folder.resolve("merges.txt"));
        assertTrue(failure().contains("merges.txt"));
        assertThrows(
                WeightsException.class, () -> tokenizer("{\"pad_token\": 3, \"added_tokens_decoder\": {\"x\": {}}}"));
    }

    private String failure() {
        return String.valueOf(assertThrows(WeightsException.class, this::tokenizer));
    }
}
