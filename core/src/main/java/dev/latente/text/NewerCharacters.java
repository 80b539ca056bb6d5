package dev.latente.text;

import java.util.HashMap;
import java.util.Map;

/**
 * Characters of Unicode 14 to 17, of which a Java 17 runtime knows nothing and the reference tokenizers do (letters and
 * numbers up to 16, lower case up to 17). On a newer runtime they change nothing.
 */
final class NewerCharacters {
    private static final String LETTER_RANGES =
            "870-887 889-88E 8B5 8C8-8C9 C5D CDD 170D 171F 1B4C 1C89-1C8A 2C2F 2C5F "
                    + "9FFD-9FFF A7C0-A7C1 A7CB-A7CD A7D0-A7D1 A7D3 A7D5-A7DC A7F2-A7F4 10570-1057A 1057C-1058A 1058C-10592 "
                    + "10594-10595 10597-105A1 105A3-105B1 105B3-105B9 105BB-105BC 105C0-105F3 10780-10785 10787-107B0 "
                    + "107B2-107BA 10D4A-10D65 10D6F-10D85 10EC2-10EC4 10F70-10F81 11071-11072 11075 1123F-11240 11380-11389 "
                    + "1138B 1138E 11390-113B5 113B7 113D1 113D3 11740-11746 11AB0-11ABF 11BC0-11BE0 11F02 11F04-11F10 "
                    + "11F12-11F33 12F90-12FF0 1342F 13441-13446 13460-143FA 16100-1611D 16A70-16ABE 16D40-16D6C 18CFF "
                    + "1AFF0-1AFF3 1AFF5-1AFFB 1AFFD-1AFFE 1B11F-1B122 1B132 1B155 1DF00-1DF1E 1DF25-1DF2A 1E030-1E06D "
                    + "1E290-1E2AD 1E4D0-1E4EB 1E5D0-1E5ED 1E5F0 1E7E0-1E7E6 1E7E8-1E7EB 1E7ED-1E7EE 1E7F0-1E7FE 2A6DE-2A6DF "
                    + "2B735-2B739 2EBF0-2EE5D 31350-323AF";
    private static final String NUMBER_RANGES =
            "10D40-10D49 116D0-116E3 11BF0-11BF9 11F50-11F59 16130-16139 16AC0-16AC9 "
                    + "16D70-16D79 1CCF0-1CCF9 1D2C0-1D2D3 1E4F0-1E4F9 1E5F1-1E5FA";
    /** Ranges of upper case and the first lower case of each. */
    private static final String LOWER_CASE = "1C89:1C8A 2C2F:2C5F A7C0:A7C1 A7CB:264 A7CC:A7CD A7CE:A7CF A7D0:A7D1 "
            + "A7D2:A7D3 A7D4:A7D5 A7D6:A7D7 A7D8:A7D9 A7DA:A7DB A7DC:19B 10570-1057A:10597 1057C-1058A:105A3 "
            + "1058C-10592:105B3 10594-10595:105BB 10D50-10D65:10D70 16EA0-16EB8:16EBB";

    /** The letters, as in a character class of a regular expression. */
    static final String LETTERS = characterClass(LETTER_RANGES);

    /** The numbers, as in a character class of a regular expression. */
    static final String NUMBERS = characterClass(NUMBER_RANGES);

    private static final Map<Integer, Integer> LOWER = lowerCase();

    private NewerCharacters() {}

    static int toLowerCase(int c) {
        return LOWER.getOrDefault(c, c);
    }

    private static String characterClass(String ranges) {
        return ranges.replaceAll("[0-9A-F]+", "\\\\x{$0}").replace(" ", "");
    }

    private static Map<Integer, Integer> lowerCase() {
        Map<Integer, Integer> map = new HashMap<>();
        for (String entry : LOWER_CASE.split(" ", -1)) {
            String[] parts = entry.split("[-:]", -1);
            int first = Integer.parseInt(parts[0], 16);
            int last = Integer.parseInt(parts[parts.length - 2], 16);
            int lower = Integer.parseInt(parts[parts.length - 1], 16);
            for (int c = first; c <= last; c++) {
                map.put(c, lower + c - first);
            }
        }
        return map;
    }
}
