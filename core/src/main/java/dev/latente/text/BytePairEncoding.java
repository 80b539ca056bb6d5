package dev.latente.text;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.stream.LongStream;

/**
 * Byte pair encoding of one word (Sennrich et al. 2016, section 3.2): of all neighbours the pair with the lowest rank is
 * merged, the leftmost first, until no pair has one. A queue of the pairs makes it O(n log n).
 */
final class BytePairEncoding {
    static final String END_OF_WORD = "</w>";

    private record Merge(int rank, int id) {}

    private final Map<String, Integer> vocabulary;
    private final Map<Long, Merge> merges = new HashMap<>();
    private final int unknown;

    /**
     * @param merges pairs of tokens by rank
     * @throws IllegalArgumentException if a merge names or makes a token that the vocabulary lacks
     */
    BytePairEncoding(Map<String, Integer> vocabulary, List<String[]> merges, int unknown) {
        this.vocabulary = vocabulary;
        this.unknown = unknown;
        for (int rank = 0; rank < merges.size(); rank++) {
            String left = merges.get(rank)[0];
            String right = merges.get(rank)[1];
            this.merges.put(pair(id(left), id(right)), new Merge(rank, id(left + right)));
        }
    }

    private int id(String token) {
        Integer id = vocabulary.get(token);
        if (id == null) {
            throw new IllegalArgumentException(
                    "merges use the token [%s], which is not in the vocabulary".formatted(token));
        }
        return id;
    }

    /** Appends the ids of a word of byte characters. */
    void encode(CharSequence word, LongStream.Builder out) {
        int n = word.length();
        int[] ids = new int[n];
        int[] next = new int[n];
        int[] previous = new int[n];
        for (int i = 0; i < n; i++) {
            String symbol = i < n - 1 ? String.valueOf(word.charAt(i)) : word.charAt(i) + END_OF_WORD;
            ids[i] = vocabulary.getOrDefault(symbol, unknown);
            next[i] = i + 1;
            previous[i] = i - 1;
        }
        PriorityQueue<Long> queue = new PriorityQueue<>();
        for (int i = 0; i < n - 1; i++) {
            offer(queue, ids, i, i + 1);
        }
        while (!queue.isEmpty()) {
            long entry = queue.remove();
            int left = (int) entry;
            int right = next[left];
            Merge merge = right < n ? merges.get(pair(ids[left], ids[right])) : null;
            if (merge == null || merge.rank() != entry >> Integer.SIZE) {
                continue; // one of the two has been merged since
            }
            ids[left] = merge.id();
            ids[right] = -1;
            next[left] = next[right];
            if (next[left] < n) {
                previous[next[left]] = left;
                offer(queue, ids, left, next[left]);
            }
            if (previous[left] >= 0) {
                offer(queue, ids, previous[left], left);
            }
        }
        for (int i = 0; i < n; i = next[i]) {
            out.add(ids[i]);
        }
    }

    private void offer(PriorityQueue<Long> queue, int[] ids, int left, int right) {
        Merge merge = merges.get(pair(ids[left], ids[right]));
        if (merge != null) {
            queue.add((long) merge.rank() << Integer.SIZE | left);
        }
    }

    private static long pair(int left, int right) {
        return (long) left << Integer.SIZE | right;
    }
}
