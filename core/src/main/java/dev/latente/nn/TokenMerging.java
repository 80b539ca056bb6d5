package dev.latente.nn;

import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rows;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.BinaryOperator;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;

/**
 * Merges tokens that are alike before an attention and copies what it made of them to all of them (Bolya and Hoffman 2023,
 * sections 3.1 and 4.2). Of each 2x2 tokens of the picture a random one stays; of the others the most alike are merged with
 * one that stays. Attention takes (1-ratio)² of the time.
 *
 * @param ratio of tokens that are merged away, 0 for none
 * @param seed of the choice of those that stay
 * @param height of the picture in tokens
 * @param width of the picture in tokens; sequences of another length than height·width are left as they are
 */
public record TokenMerging(double ratio, long seed, long height, long width) {
    public static final TokenMerging NONE = new TokenMerging(0, 0, 0, 0);

    /** One of four tokens stays. */
    private static final double MOST = 0.75;

    public TokenMerging {
        if (!(ratio >= 0 && ratio <= MOST)) {
            throw new IllegalArgumentException(
                    "token merging: got [%s], wanted a ratio of 0 to %s".formatted(ratio, MOST));
        }
    }

    /** Of that ratio and with another choice of tokens that stay. */
    public TokenMerging with(double share, long choice) {
        return new TokenMerging(share, choice, height, width);
    }

    /** For pictures of so many tokens. */
    public TokenMerging over(long rows, long columns) {
        return new TokenMerging(ratio, seed, rows, columns);
    }

    /**
     * Adds what an attention makes of tokens.
     *
     * @param x what is added to; it also says which tokens are alike [B,height·width,C]
     * @param tokens what is attended to [B,height·width,D]
     * @param attend tokens [B,m,D] and what to add to [B,m,C] -> the sum [B,m,C]
     * @return x and the attention's result, which all merged tokens share [B,height·width,C]
     */
    public Tensor plus(Tensor x, Tensor tokens, BinaryOperator<Tensor> attend) {
        long n = height * width;
        long staying = height / 2 * (width / 2);
        long merged = Math.min(n - staying, (long) (n * ratio));
        if (merged == 0 || staying == 0 || tokens.size(1) != n) {
            return attend.apply(tokens, x);
        }
        Tensor slot = slots(Ops.to(x, DType.F32), merged);
        Tensor fewer = Ops.to(Rows.mean(Ops.to(tokens, DType.F32), slot, n - merged), Ops.dtype(tokens));
        Tensor nothing = Ops.zeros(Ops.dtype(x), Ops.device(x), x.size(0), n - merged, x.size(2));
        return x.add(Rows.pick(attend.apply(fewer, nothing), slot));
    }

    /** Where each token goes: x [B,n,C] -> [B,n] int64, below n - merged. First come those that are left alone. */
    private Tensor slots(Tensor x, long merged) {
        long[] into = staying();
        long[] from = LongStream.range(0, height * width)
                .filter(i -> Arrays.binarySearch(into, i) < 0)
                .toArray();
        Rows.Nearest nearest = Rows.nearest(x.index_select(1, on(x, from)), x.index_select(1, on(x, into)));
        long alone = from.length - merged;
        Tensor ofFrom = nearest.index().add(on(x, alone)); // [B,from]
        Tensor leastAlike = nearest.cosine().argsort(1, true).narrow(1, merged, alone);
        ofFrom.scatter_(1, leastAlike, range(x, 0, alone));
        Tensor both = Ops.cat(1, ofFrom, range(x, alone, alone + into.length));
        return both.index_select(1, on(x, from, into).argsort());
    }

    /** Positions of one token of each 2x2, ascending. */
    private long[] staying() {
        SplittableRandom random = new SplittableRandom(seed);
        long rows = height / 2;
        long columns = width / 2;
        return LongStream.range(0, rows * columns)
                .map(cell -> {
                    int corner = random.nextInt(4);
                    long y = cell / columns * 2 + corner / 2;
                    return y * width + cell % columns * 2 + corner % 2;
                })
                .sorted()
                .toArray();
    }

    private static Tensor range(Tensor x, long from, long to) {
        return on(x, LongStream.range(from, to).toArray()).expand(x.size(0), to - from);
    }

    private static Tensor on(Tensor x, long... values) {
        return Ops.to(Ops.of(values, values.length), Ops.device(x));
    }

    private static Tensor on(Tensor x, long[] first, long[] second) {
        return on(
                x,
                LongStream.concat(Arrays.stream(first), Arrays.stream(second)).toArray());
    }
}
