package dev.latente.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One window of a long prompt: start token, a fixed number of tokens, end token, and the weight of each. A prompt that is
 * longer than the text encoder's window is encoded chunk by chunk and the states are joined, as AUTOMATIC1111's web UI does.
 */
public final class PromptChunk {
    /** How far back a comma may be for a chunk to end there, in tokens, as the web UI has it by default. */
    public static final int BACKTRACK = 20;

    private final long[] ids;
    private final float[] weights;

    private PromptChunk(long[] ids, float[] weights) {
        this.ids = ids;
        this.weights = weights;
    }

    /**
     * The chunks of a prompt with the attention syntax; at least one.
     *
     * @param window what the encoder reads at once, with start and end: 77 tokens for the published CLIPs
     */
    public static List<PromptChunk> of(ClipTokenizer tokenizer, String prompt, int window) {
        return of(tokenizer, PromptParser.parse(prompt), window - 2, BACKTRACK);
    }

    /**
     * The chunks of a parsed prompt; at least one.
     *
     * @param length tokens in a chunk, without start and end
     * @param backtrack where a full chunk's last comma is at most so many tokens back, what follows it moves to the next
     *     chunk; 0 never
     */
    public static List<PromptChunk> of(ClipTokenizer tokenizer, List<WeightedText> prompt, int length, int backtrack) {
        if (length < 1) {
            throw new IllegalArgumentException("chunk length is [%d], wanted at least 1".formatted(length));
        }
        Builder builder = new Builder(tokenizer, length, backtrack);
        for (WeightedText run : prompt) {
            if (run.isBreak()) {
                builder.close();
            } else {
                for (long id : tokenizer.encode(run.text())) {
                    builder.add(id, (float) run.weight());
                }
            }
        }
        if (builder.count > 0 || builder.chunks.isEmpty()) {
            builder.close();
        }
        return List.copyOf(builder.chunks);
    }

    /** The first window of a prompt with the attention syntax, for an encoder that reads no more; {@code BREAK} is left out. */
    public static PromptChunk first(T5Tokenizer tokenizer, String prompt, int window) {
        long[] ids = new long[window];
        float[] weights = new float[window];
        Arrays.fill(ids, tokenizer.pad());
        Arrays.fill(weights, 1);
        int count = 0;
        for (WeightedText run : PromptParser.parse(prompt)) {
            for (long id : run.isBreak() ? new long[0] : tokenizer.encode(run.text())) {
                if (count < window - 1) {
                    ids[count] = id;
                    weights[count++] = (float) run.weight();
                }
            }
        }
        ids[count] = tokenizer.eos();
        return new PromptChunk(ids, weights);
    }

    /** One window of a text that is read as it is, cut to the length of the window with start and end. */
    public static PromptChunk plain(Tokenizer tokenizer, String text, int window) {
        float[] weights = new float[window];
        Arrays.fill(weights, 1);
        return new PromptChunk(tokenizer.padded(text, window).ids(), weights);
    }

    /** Whether any token counts more or less than another. */
    public boolean weighted() {
        for (float weight : weights) {
            if (weight != 1) {
                return true;
            }
        }
        return false;
    }

    /** Start token, tokens, end token; behind a first end token the tokenizer's padding. */
    public long[] ids() {
        return ids.clone();
    }

    /** The weight of each id; 1 for start, end and padding. */
    public float[] weights() {
        return weights.clone();
    }

    private static final class Builder {
        private static final int NONE = -1;

        private final List<PromptChunk> chunks = new ArrayList<>();
        private final ClipTokenizer tokenizer;
        private final int comma;
        private final int backtrack;
        private final long[] ids;
        private final float[] weights;
        private int count;
        private int lastComma = NONE;

        Builder(ClipTokenizer tokenizer, int length, int backtrack) {
            this.tokenizer = tokenizer;
            this.comma = tokenizer.id("," + BytePairEncoding.END_OF_WORD);
            this.backtrack = backtrack;
            this.ids = new long[length];
            this.weights = new float[length];
        }

        void add(long id, float weight) {
            if (id == comma) {
                lastComma = count;
            } else if (count == ids.length && lastComma != NONE && count - lastComma <= backtrack) {
                closeAt(lastComma + 1);
            }
            if (count == ids.length) {
                close();
            }
            ids[count] = id;
            weights[count++] = weight;
        }

        void close() {
            closeAt(count);
        }

        /** Ends the chunk before a position; what stands behind it begins the next one. */
        private void closeAt(int end) {
            long[] chunk = new long[ids.length + 2];
            float[] factors = new float[chunk.length];
            Arrays.fill(chunk, tokenizer.pad());
            Arrays.fill(factors, 1);
            chunk[0] = tokenizer.bos();
            System.arraycopy(ids, 0, chunk, 1, end);
            System.arraycopy(weights, 0, factors, 1, end);
            chunk[end + 1] = tokenizer.eos();
            chunks.add(new PromptChunk(chunk, factors));
            System.arraycopy(ids, end, ids, 0, count - end);
            System.arraycopy(weights, end, weights, 0, count - end);
            count -= end;
            lastComma = NONE;
        }
    }
}
