package dev.latente.training.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.latente.text.ClipTokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BpeTrainerTest {
    private static final List<String> TEXTS =
            List.of("low low low low low", "Lower lower", "newest NEWEST newest", "un león, un año");

    private static ClipVocabulary learn(List<String> texts, int size) {
        BpeTrainer trainer = new BpeTrainer();
        texts.forEach(trainer::add);
        return trainer.learn(size);
    }

    @Test
    void mergesTheMostFrequentPairFirstAndOfEqualsTheFirstInTheAlphabet() {
        ClipVocabulary vocabulary = learn(TEXTS, 520);

        assertEquals(
                List.of("l o", "lo w</w>", "w e", "e we", "ewe s", "ewes t</w>"),
                vocabulary.merges().subList(0, 6));
        assertEquals(520, vocabulary.tokens().size());
        assertEquals(
                List.of("<|startoftext|>", "<|endoftext|>"), vocabulary.tokens().subList(518, 520));
    }

    @Test
    void stopsWhereEveryWordIsOneToken(@TempDir Path folder) throws IOException {
        learn(TEXTS, 2000).save(folder, 32);
        ClipTokenizer tokenizer = ClipTokenizer.load(folder);

        for (String word : List.of("low", "lower", "newest", "un", "león", ",", "año")) {
            assertEquals(1, tokenizer.encode(word).length, word);
        }
        assertEquals(
                "un león, un año",
                tokenizer.decode(tokenizer.encode("Un LEÓN,\n un año")).replace(" ,", ","));
        assertArrayEquals(
                new long[] {tokenizer.bos(), tokenizer.id("low</w>"), tokenizer.eos(), tokenizer.pad()},
                tokenizer.padded("low", 4).ids());
    }

    @Test
    void encodesTextsThatItHasNeverSeen(@TempDir Path folder) throws IOException {
        learn(List.of(), 514).save(folder, 32);
        ClipTokenizer tokenizer = ClipTokenizer.load(folder);

        assertEquals(514, tokenizer.size());
        assertEquals("日本 ~", tokenizer.decode(tokenizer.encode("日本 ~")));
    }

    @Test
    void doesNotDependOnTheOrderOfTheTexts() {
        List<String> reversed = new ArrayList<>(TEXTS);
        Collections.reverse(reversed);

        assertEquals(learn(TEXTS, 530), learn(reversed, 530));
    }

    @Test
    void refusesASizeThatTheBytesDoNotFit() {
        assertEquals(
                "vocabulary size [513] is too small, wanted at least [514]",
                assertThrows(IllegalArgumentException.class, () -> learn(TEXTS, 513))
                        .getMessage());
    }
}
