package dev.latente.text;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * SentencePiece's normalisation table ({@code precompiled_charsmap}): a little-endian int32 with the size of a double-array
 * trie (Yata's darts-clone), the trie, then the replacements, each ended by a zero byte. The value of a key in the trie is
 * the offset of its replacement.
 */
final class PrecompiledCharsMap {
    private static final Pattern GRAPHEME = Pattern.compile("\\X");
    /** Longer clusters are looked up character by character, as the Hugging Face implementation does. */
    private static final int LONGEST_CLUSTER = 5;

    private final int[] trie;
    private final byte[] replacements;

    /**
     * Reads a table; an empty one changes nothing.
     *
     * @throws IllegalArgumentException if it is shorter than it says
     */
    PrecompiledCharsMap(byte[] data) {
        ByteBuffer buffer = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        int size = data.length < Integer.BYTES ? 0 : buffer.getInt();
        if (size < 0 || size > buffer.remaining() || size % Integer.BYTES != 0) {
            throw new IllegalArgumentException(
                    "precompiled_charsmap has a trie of [%d] bytes in [%d]".formatted(size, data.length));
        }
        trie = new int[size / Integer.BYTES];
        buffer.asIntBuffer().get(trie);
        replacements = new byte[buffer.remaining() - size];
        buffer.position(buffer.position() + size).get(replacements);
    }

    String apply(String text) {
        if (trie.length == 0) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length());
        for (Matcher m = GRAPHEME.matcher(text); m.find(); ) {
            String cluster = m.group();
            String whole = utf8(cluster).length <= LONGEST_CLUSTER ? replacement(cluster) : null;
            if (whole != null) {
                out.append(whole);
            } else {
                cluster.codePoints().mapToObj(Character::toString).forEach(c -> {
                    String part = replacement(c);
                    out.append(part == null ? c : part);
                });
            }
        }
        return out.toString();
    }

    /** What the shortest key that the text begins with is replaced by. */
    private @Nullable String replacement(String text) {
        int node = offset(trie[0]);
        for (byte b : utf8(text)) {
            node ^= b & 0xFF;
            if (b == 0 || node >= trie.length || (trie[node] & 0x8000_00FF) != (b & 0xFF)) {
                return null;
            }
            boolean leaf = (trie[node] & 0x100) != 0;
            node ^= offset(trie[node]);
            if (leaf) {
                return node < trie.length ? stringAt(trie[node] & 0x7FFF_FFFF) : null;
            }
        }
        return null;
    }

    private @Nullable String stringAt(int offset) {
        for (int end = offset; end < replacements.length; end++) {
            if (replacements[end] == 0) {
                return new String(replacements, offset, end - offset, StandardCharsets.UTF_8);
            }
        }
        return null;
    }

    private static int offset(int unit) {
        return (unit >>> 10) << ((unit & 0x200) >>> 6);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
