package dev.latente.text;

import java.util.Arrays;

/** Ids of a fixed length, and a mask of the same length: 1 where there is text or an end, 0 where there is padding. */
public final class PaddedTokens {
    private final long[] ids;
    private final int used;

    private PaddedTokens(long[] ids, int used) {
        this.ids = ids;
        this.used = used;
    }

    /** The sequence start + ids + end, of which the ids give way; a start of -1 means that there is none. */
    static PaddedTokens of(long[] ids, int start, int end, int pad, int length) {
        int first = start < 0 ? 0 : 1;
        if (length <= first) {
            throw new IllegalArgumentException(
                    "padded length is [%d], wanted at least [%d] for the start and end tokens"
                            .formatted(length, first + 1));
        }
        int last = first + Math.min(ids.length, length - first - 1);
        long[] out = new long[length];
        Arrays.fill(out, pad);
        out[0] = start;
        System.arraycopy(ids, 0, out, first, last - first);
        out[last] = end;
        return new PaddedTokens(out, last + 1);
    }

    public long[] ids() {
        return ids.clone();
    }

    public long[] mask() {
        long[] mask = new long[ids.length];
        Arrays.fill(mask, 0, used, 1);
        return mask;
    }
}
