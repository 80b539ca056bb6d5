package dev.latente.mundo;

import java.util.StringJoiner;

/** A Spanish noun, or a phrase around it: what is said of it agrees with its gender. */
record SpanishNoun(String words, boolean feminine) {
    static SpanishNoun m(String word) {
        return new SpanishNoun(word, false);
    }

    static SpanishNoun f(String word) {
        return new SpanishNoun(word, true);
    }

    String a() {
        return (feminine ? "una " : "un ") + words;
    }

    String the() {
        return (feminine ? "la " : "el ") + words;
    }

    SpanishNoun before(String adjective) {
        return new SpanishNoun(agreeing(adjective) + " " + words, feminine);
    }

    SpanishNoun with(String adjective) {
        return new SpanishNoun(words + " " + agreeing(adjective), feminine);
    }

    /** An adjective or participle, given as a masculine one, for this noun. */
    String agreeing(String masculine) {
        int last = masculine.length() - (masculine.endsWith("s") ? 2 : 1);
        boolean ends = feminine && masculine.charAt(last) == 'o';
        return ends ? masculine.substring(0, last) + "a" + masculine.substring(last + 1) : masculine;
    }

    /** All words in the plural. */
    SpanishNoun plural() {
        StringJoiner plurals = new StringJoiner(" ");
        for (String word : words.split(" ")) {
            plurals.add(plural(word));
        }
        return new SpanishNoun(plurals.toString(), feminine);
    }

    /** An -ón at the end loses its accent: corazón, corazones. */
    private static String plural(String word) {
        int last = word.length() - 1;
        if ("aeiou".indexOf(word.charAt(last)) >= 0) {
            return word + "s";
        }
        return (word.endsWith("ón") ? word.substring(0, last - 1) + "on" : word) + "es";
    }

    /** The text with del and al. */
    static String contracted(String text) {
        return text.replace(" de el ", " del ").replace(" a el ", " al ");
    }
}
