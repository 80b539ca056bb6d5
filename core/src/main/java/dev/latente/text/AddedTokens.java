package dev.latente.text;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** The added tokens of a tokenizer and how they are cut out of a text: leftmost first, of those the longest. */
final class AddedTokens {
    /** A token found, or the normalised text between two. */
    record Piece(@Nullable String text, int id) {}

    private final Map<Integer, AddedToken> byId = new LinkedHashMap<>();
    private final Map<String, Integer> ids = new LinkedHashMap<>();
    private final Trie raw = new Trie();
    private final Trie normal = new Trie();
    private final UnaryOperator<String> normalise;

    /** Tokens that the vocabulary lacks get the ids behind it, in the order given. */
    AddedTokens(Iterable<AddedToken> tokens, Map<String, Integer> vocabulary, UnaryOperator<String> normalise) {
        this.normalise = normalise;
        int next = vocabulary.size();
        for (AddedToken token : tokens) {
            if (token.content().isEmpty()) {
                continue;
            }
            Integer known = vocabulary.get(token.content());
            int id = known != null ? known : next++;
            byId.put(id, token);
            ids.put(token.content(), id);
            if (token.normalized()) {
                normal.put(normalise.apply(token.content()), id);
            } else {
                raw.put(token.content(), id);
            }
        }
    }

    Iterable<AddedToken> tokens() {
        return byId.values();
    }

    @Nullable
    AddedToken get(int id) {
        return byId.get(id);
    }

    @Nullable
    Integer id(String content) {
        return ids.get(content);
    }

    int largestId() {
        return byId.keySet().stream().mapToInt(i -> i).max().orElse(-1);
    }

    /** The ids of a text: those of its tokens, and between them what {@code words} adds. */
    long[] encode(String text, BiConsumer<String, LongStream.Builder> words) {
        LongStream.Builder ids = LongStream.builder();
        for (Piece piece : split(Unicode.wellFormed(text))) {
            if (piece.text() == null) {
                ids.add(piece.id());
            } else {
                words.accept(piece.text(), ids);
            }
        }
        return ids.build().toArray();
    }

    /** The text in order; what is no token is normalised. */
    List<Piece> split(String text) {
        List<Piece> out = new ArrayList<>();
        for (Piece part : cut(text, raw)) {
            if (part.text() == null) {
                out.add(part);
            } else {
                out.addAll(cut(normalise.apply(part.text()), normal));
            }
        }
        return out;
    }

    private List<Piece> cut(String text, Trie trie) {
        List<Piece> out = new ArrayList<>();
        int done = 0;
        for (int at = 0; at < text.length(); ) {
            int end = longest(text, at, trie);
            if (end < 0) {
                at++;
                continue;
            }
            int id = idAt(text, at, end, trie);
            AddedToken token = byId.get(id);
            if (token == null || (token.singleWord() && touchesWord(text, at, end))) {
                at = end;
                continue;
            }
            int from = at;
            while (token.lstrip() && from > done && Unicode.isWhiteSpace(text.charAt(from - 1))) {
                from--;
            }
            while (token.rstrip() && end < text.length() && Unicode.isWhiteSpace(text.charAt(end))) {
                end++;
            }
            if (from > done) {
                out.add(new Piece(text.substring(done, from), Trie.NONE));
            }
            out.add(new Piece(null, id));
            done = end;
            at = end;
        }
        if (done < text.length()) {
            out.add(new Piece(text.substring(done), Trie.NONE));
        }
        return out;
    }

    /** The end of the longest token that begins here, or -1. */
    private static int longest(String text, int at, Trie trie) {
        int end = -1;
        for (int i = at, node = 0; i < text.length(); ) {
            node = trie.next(node, text.charAt(i++));
            if (node == Trie.NONE) {
                break;
            }
            if (trie.value(node) != Trie.NONE) {
                end = i;
            }
        }
        return end;
    }

    private static int idAt(String text, int at, int end, Trie trie) {
        int node = 0;
        for (int i = at; i < end; i++) {
            node = trie.next(node, text.charAt(i));
        }
        return trie.value(node);
    }

    private static boolean touchesWord(String text, int from, int to) {
        return (from > 0 && Unicode.isWord(text.codePointBefore(from)))
                || (to < text.length() && Unicode.isWord(text.codePointAt(to)));
    }
}
