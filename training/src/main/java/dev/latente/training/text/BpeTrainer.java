package dev.latente.training.text;

import dev.latente.text.ClipTokenizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Learns a byte pair encoding (Sennrich et al. 2016, section 3.2) of CLIP's kind: words end with {@code </w>}, and all 256
 * bytes are tokens, so that every text has an encoding. The same texts in any order give the same vocabulary.
 */
public final class BpeTrainer {
    private record Pair(String left, String right) implements Comparable<Pair> {
        private static final Comparator<Pair> ORDER =
                Comparator.comparing(Pair::left).thenComparing(Pair::right);

        String joined() {
            return left + right;
        }

        @Override
        public int compareTo(Pair other) {
            return ORDER.compare(this, other);
        }
    }

    private record Word(List<String> tokens, int count) {
        void merge(Pair pair) {
            for (int i = 0; i + 1 < tokens.size(); i++) {
                if (tokens.get(i).equals(pair.left()) && tokens.get(i + 1).equals(pair.right())) {
                    tokens.set(i, pair.joined());
                    tokens.remove(i + 1);
                }
            }
        }
    }

    private final Map<String, Integer> counts = new TreeMap<>();

    /** Counts the words of a text. */
    public void add(String text) {
        ClipTokenizer.words(text).forEach(word -> counts.merge(word, 1, Integer::sum));
    }

    /**
     * Merges the most frequent pair of neighbours, of equals the first in the alphabet, until the vocabulary has the size
     * or every word is one token.
     *
     * @param size entries in all: 512 for the bytes, within a word and at its end, the merges, and two control tokens
     */
    public ClipVocabulary learn(int size) {
        List<Word> words = counts.entrySet().stream()
                .map(e -> new Word(letters(e.getKey()), e.getValue()))
                .toList();
        Set<String> tokens = new LinkedHashSet<>(ClipTokenizer.alphabet());
        ClipTokenizer.alphabet().forEach(letter -> tokens.add(letter + ClipVocabulary.END_OF_WORD));
        int most = size - ClipVocabulary.CONTROL.size();
        if (tokens.size() > most) {
            throw new IllegalArgumentException("vocabulary size [%d] is too small, wanted at least [%d]"
                    .formatted(size, tokens.size() + ClipVocabulary.CONTROL.size()));
        }
        List<String> merges = new ArrayList<>();
        Optional<Pair> best = mostFrequent(words);
        while (tokens.size() < most && best.isPresent()) {
            Pair pair = best.get();
            words.forEach(word -> word.merge(pair));
            tokens.add(pair.joined());
            merges.add(pair.left() + " " + pair.right());
            best = mostFrequent(words);
        }
        tokens.addAll(ClipVocabulary.CONTROL);
        return new ClipVocabulary(List.copyOf(tokens), merges);
    }

    private static List<String> letters(String word) {
        List<String> letters = new ArrayList<>(List.of(word.split("")));
        letters.set(letters.size() - 1, letters.get(letters.size() - 1) + ClipVocabulary.END_OF_WORD);
        return letters;
    }

    private static Optional<Pair> mostFrequent(List<Word> words) {
        Map<Pair, Integer> pairs = new HashMap<>();
        for (Word word : words) {
            for (int i = 0; i + 1 < word.tokens().size(); i++) {
                pairs.merge(new Pair(word.tokens().get(i), word.tokens().get(i + 1)), word.count(), Integer::sum);
            }
        }
        return pairs.entrySet().stream()
                .min(Map.Entry.<Pair, Integer>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .map(Map.Entry::getKey);
    }
}
