package dev.latente.text;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * The most probable segmentation under a unigram language model (Kudo 2018, section 3.2), found by Viterbi's algorithm. A
 * character that no piece covers is unknown; neighbouring unknown characters are one token.
 */
final class Unigram {
    private static final double UNKNOWN_PENALTY = 10;

    /** A token and its log probability. */
    record Piece(String text, double score) {}

    private final List<Piece> pieces;
    private final Map<String, Integer> ids = new HashMap<>();
    private final Trie trie = new Trie();
    private final int unknown;
    private final double unknownScore;
    private final boolean byteFallback;

    Unigram(List<Piece> pieces, int unknown, boolean byteFallback) {
        this.pieces = List.copyOf(pieces);
        this.unknown = unknown;
        this.byteFallback = byteFallback;
        for (int id = 0; id < pieces.size(); id++) {
            ids.put(pieces.get(id).text(), id);
            trie.put(pieces.get(id).text(), id);
        }
        unknownScore = pieces.stream().mapToDouble(Piece::score).min().orElse(0) - UNKNOWN_PENALTY;
    }

    Map<String, Integer> ids() {
        return ids;
    }

    String text(int id) {
        return id >= 0 && id < pieces.size() ? pieces.get(id).text() : "";
    }

    /** Appends the ids of a word. */
    void encode(String word, LongStream.Builder out) {
        Path path = new Path(word.length());
        for (int from = 0, step; from < word.length(); from += step) {
            step = Character.charCount(word.codePointAt(from));
            boolean covered = false;
            int node = 0;
            for (int to = from; to < word.length(); ) {
                node = trie.next(node, word.charAt(to++));
                if (node == Trie.NONE) {
                    break;
                }
                int id = trie.value(node);
                if (id != Trie.NONE) {
                    path.offer(from, to, id, pieces.get(id).score());
                    covered |= to == from + step;
                }
            }
            if (!covered) {
                path.offer(from, from + step, unknown, unknownScore);
            }
        }
        for (int[] part : path.parts(unknown)) {
            append(word.substring(part[0], part[1]), out);
        }
    }

    private void append(String part, LongStream.Builder out) {
        Integer id = ids.get(part);
        if (id != null) {
            out.add(id);
            return;
        }
        long[] bytes = byteFallback ? bytes(part) : new long[] {-1};
        if (Arrays.stream(bytes).allMatch(b -> b >= 0)) {
            Arrays.stream(bytes).forEach(out::add);
        } else {
            out.add(unknown);
        }
    }

    private long[] bytes(String part) {
        byte[] utf8 = part.getBytes(StandardCharsets.UTF_8);
        long[] out = new long[utf8.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = ids.getOrDefault("<0x%02X>".formatted(utf8[i]), -1);
        }
        return out;
    }

    /** The best way to every position so far. */
    private static final class Path {
        private final double[] score;
        private final int[] from;
        private final int[] id;

        Path(int length) {
            score = new double[length + 1];
            from = new int[length + 1];
            id = new int[length + 1];
            Arrays.fill(from, -1);
        }

        void offer(int start, int end, int piece, double logProbability) {
            double candidate = logProbability + score[start];
            if (from[end] < 0 || candidate > score[end]) {
                score[end] = candidate;
                from[end] = start;
                id[end] = piece;
            }
        }

        /** The bounds of the parts of the whole; unknown neighbours as one. */
        Iterable<int[]> parts(int unknown) {
            Deque<int[]> parts = new ArrayDeque<>();
            boolean joins = false;
            for (int end = from.length - 1; end > 0; end = from[end]) {
                boolean strange = id[end] == unknown;
                if (strange && joins) {
                    parts.element()[0] = from[end];
                } else {
                    parts.push(new int[] {from[end], end});
                }
                joins = strange;
            }
            return parts;
        }
    }
}
