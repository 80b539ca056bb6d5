package dev.latente.text;

import java.text.Normalizer;

/** Character properties as the tokenizers' reference implementations define them. */
final class Unicode {
    /** What a regular expression's character class holds for letters. */
    static final String LETTERS = "\\p{L}" + NewerCharacters.LETTERS;

    /** What a regular expression's character class holds for numbers. */
    static final String NUMBERS = "\\p{N}" + NewerCharacters.NUMBERS;

    private Unicode() {}

    /** The property White_Space. */
    static boolean isWhiteSpace(int c) {
        return (c >= 0x09 && c <= 0x0D) || c == 0x85 || Character.isSpaceChar(c);
    }

    /** Letters, numbers and the underscore. */
    static boolean isWord(int c) {
        return c == '_' || Character.isLetter(c) || isNumber(c);
    }

    private static boolean isNumber(int c) {
        int type = Character.getType(c);
        return type == Character.DECIMAL_DIGIT_NUMBER
                || type == Character.LETTER_NUMBER
                || type == Character.OTHER_NUMBER;
    }

    /** The same text with U+FFFD for every unpaired surrogate. */
    static String wellFormed(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints()
                .map(c -> Character.getType(c) == Character.SURROGATE ? 0xFFFD : c)
                .forEach(out::appendCodePoint);
        return out.toString();
    }

    /** NFC, runs of white space as one space, lower case by character (no final sigma, no locale). */
    static String foldForClip(String text) {
        String composed = Normalizer.normalize(text, Normalizer.Form.NFC);
        StringBuilder out = new StringBuilder(composed.length());
        boolean space = false;
        for (int i = 0, c; i < composed.length(); i += Character.charCount(c)) {
            c = composed.codePointAt(i);
            boolean first = !space;
            space = isWhiteSpace(c);
            if (!space) {
                out.appendCodePoint(NewerCharacters.toLowerCase(Character.toLowerCase(c)));
            } else if (first) {
                out.append(' ');
            }
            if (c == 'İ') { // the only lower case of two characters
                out.append('\u0307');
            }
        }
        return out.toString();
    }
}
