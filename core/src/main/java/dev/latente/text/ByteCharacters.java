package dev.latente.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Bytes as printable characters, as GPT-2's vocabulary writes them: the printable ones of Latin-1 stand for themselves,
 * the other bytes, in order, for U+0100 and up.
 */
final class ByteCharacters {
    private static final char[] CHARACTERS = new char[256];
    private static final Map<Character, Integer> BYTES = new HashMap<>();

    static {
        char next = 256;
        for (int b = 0; b < 256; b++) {
            boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xFF && b != 0xAD);
            CHARACTERS[b] = printable ? (char) b : next++;
            BYTES.put(CHARACTERS[b], b);
        }
    }

    private ByteCharacters() {}

    /** One character for each byte of the text in UTF-8. */
    static String of(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        char[] out = new char[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            out[i] = CHARACTERS[bytes[i] & 0xFF];
        }
        return new String(out);
    }

    /** The characters that stand for bytes, the printable bytes first. */
    static List<String> alphabet() {
        return BYTES.keySet().stream().sorted().map(String::valueOf).toList();
    }

    /** The bytes that the characters stand for; a character that stands for none gives its own UTF-8 bytes. */
    static byte[] bytes(CharSequence characters) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        characters.codePoints().forEach(c -> {
            Integer b = c > Character.MAX_VALUE ? null : BYTES.get((char) c);
            if (b != null) {
                out.write(b);
            } else {
                out.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
            }
        });
        return out.toByteArray();
    }
}
