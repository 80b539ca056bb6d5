package dev.latente.training.data.filter;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Tells the language of a caption by its letters and, among those in Latin letters, by its most frequent words (Grefenstette
 * 1995, "Comparing Two Language Identification Schemes"). Says nothing of what has no such words, such as a list of tags.
 */
public final class Language {
    private static final Pattern WORDS = Pattern.compile("[^\\p{L}]+");
    private static final Map<String, List<String>> STOPWORDS = stopwords();

    private static final Map<Character.UnicodeScript, String> SCRIPTS = Map.of(
            Character.UnicodeScript.HIRAGANA, "ja",
            Character.UnicodeScript.KATAKANA, "ja",
            Character.UnicodeScript.HANGUL, "ko",
            Character.UnicodeScript.HAN, "zh",
            Character.UnicodeScript.CYRILLIC, "ru",
            Character.UnicodeScript.ARABIC, "ar",
            Character.UnicodeScript.GREEK, "el",
            Character.UnicodeScript.HEBREW, "he",
            Character.UnicodeScript.THAI, "th",
            Character.UnicodeScript.DEVANAGARI, "hi");

    private Language() {}

    /** The languages that can be told, by their ISO 639-1 codes; those of a script count as its largest. */
    public static Set<String> known() {
        Set<String> known = new TreeSet<>(SCRIPTS.values());
        STOPWORDS.values().forEach(known::addAll);
        return known;
    }

    /** ISO 639-1 code of the text's language; empty if nothing speaks for one more than for the others. */
    public static Optional<String> of(String text) {
        Map<String, Integer> letters = new TreeMap<>();
        text.codePoints()
                .filter(Character::isLetter)
                .forEach(c ->
                        letters.merge(SCRIPTS.getOrDefault(Character.UnicodeScript.of(c), "latin"), 1, Integer::sum));
        if (letters.containsKey("ja") && letters.containsKey("zh")) {
            // Japanese writes Chinese characters, too.
            letters.merge("ja", letters.remove("zh"), Integer::sum);
        }
        Optional<String> most =
                letters.entrySet().stream().max(Map.Entry.comparingByValue()).map(Map.Entry::getKey);
        return most.equals(Optional.of("latin")) ? latin(text) : most;
    }

    /** Each frequent word speaks for its languages, less if there are several. */
    private static Optional<String> latin(String text) {
        Map<String, Double> scores = new TreeMap<>();
        for (String word : WORDS.split(text.toLowerCase(Locale.ROOT), -1)) {
            List<String> languages = STOPWORDS.getOrDefault(word, List.of());
            languages.forEach(l -> scores.merge(l, 1.0 / languages.size(), Double::sum));
        }
        List<Map.Entry<String, Double>> best = scores.entrySet().stream()
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .limit(2)
                .toList();
        boolean clear = !best.isEmpty()
                && (best.size() == 1 || best.get(0).getValue() > best.get(1).getValue());
        return clear ? Optional.of(best.get(0).getKey()) : Optional.empty();
    }

    private static Map<String, List<String>> stopwords() {
        Properties lists = new Properties();
        try (InputStream in = Language.class.getResourceAsStream("stopwords.properties")) {
            lists.load(new InputStreamReader(Objects.requireNonNull(in), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, List<String>> languages = new HashMap<>();
        for (String language : lists.stringPropertyNames()) {
            for (String word : new TreeSet<>(List.of(lists.getProperty(language).split(" ", -1)))) {
                languages.computeIfAbsent(word, w -> new ArrayList<>()).add(language);
            }
        }
        return languages;
    }
}
