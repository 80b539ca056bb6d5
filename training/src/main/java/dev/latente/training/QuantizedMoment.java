package dev.latente.training;

import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import java.util.Arrays;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * A running mean in 8 bits (Dettmers et al. 2022, section 2): each block of elements is divided by its largest one, and each
 * quotient becomes the nearest of 256 values, which lie the closer together the smaller they are.
 */
final class QuantizedMoment implements Moment {
    /** Elements that share a scale. */
    static final int BLOCK = 256;

    private static final int DECADES = 7;

    private final Tensor codes; // uint8 [blocks·BLOCK]
    private final Tensor scales; // fp32 [blocks]
    private final Tensor values; // fp32 [256], ascending
    private final Tensor bounds; // fp32 [255], between them

    /** @param signed false for what is never negative, such as a mean of squares */
    QuantizedMoment(long n, boolean signed, Device device, Arena arena) {
        long blocks = (n + BLOCK - 1) / BLOCK;
        double[] book = codeBook(signed);
        double[] between = new double[book.length - 1];
        for (int i = 0; i < between.length; i++) {
            between[i] = (book[i] + book[i + 1]) / 2;
        }
        if (!signed) {
            // Only zero is rounded to zero: what steps are divided by must not vanish.
            between[0] = 0;
        }
        int zero = Arrays.binarySearch(book, 0);
        codes = arena.own(() -> Ops.full(zero, DType.U8, device, blocks * BLOCK));
        scales = arena.own(() -> Ops.zeros(DType.F32, device, blocks));
        values = arena.own(() -> Ops.to(Ops.of(book, book.length), DType.F32, device));
        bounds = arena.own(() -> Ops.to(Ops.of(between, between.length), DType.F32, device));
    }

    /**
     * The values of dynamic tree quantisation (section 1.3): in each of seven decades up to 1, the middles of equal cells,
     * whose number doubles from decade to decade; and 0 and 1.
     */
    static double[] codeBook(boolean signed) {
        double[] book = new double[256];
        int n = 0;
        for (int decade = 0; decade < DECADES; decade++) {
            int cells = 1 << (signed ? decade : decade + 1);
            for (int i = 0; i < cells; i++) {
                double value = (0.1 + 0.9 * (i + 0.5) / cells) * Math.pow(10, decade + 1 - DECADES);
                book[n++] = value;
                if (signed) {
                    book[n++] = -value;
                }
            }
        }
        book[n++] = 1;
        Arrays.sort(book); // 0 is there since the array was made
        return book;
    }

    @Override
    public Tensor load(long from, long count) {
        long blocks = blocks(count);
        Tensor index = Ops.to(codes.narrow(0, from, blocks * BLOCK), DType.I32);
        Tensor quotients = values.index_select(0, index).view(blocks, BLOCK);
        return quotients
                .mul_(scales.narrow(0, from / BLOCK, blocks).unsqueeze(1))
                .view(-1)
                .narrow(0, 0, count);
    }

    @Override
    public void store(long from, Tensor slice) {
        long blocks = blocks(slice.numel());
        Tensor whole = slice;
        if (slice.numel() < blocks * BLOCK) {
            whole = Ops.zeros(DType.F32, Ops.device(slice), blocks * BLOCK);
            whole.narrow(0, 0, slice.numel()).copy_(slice);
        }
        Tensor rows = whole.view(blocks, BLOCK);
        Tensor scale = rows.abs().amax(new long[] {1}, false);
        scales.narrow(0, from / BLOCK, blocks).copy_(scale);
        Tensor quotients =
                rows.div(Ops.clamp(scale, Float.MIN_NORMAL, Float.MAX_VALUE).unsqueeze(1));
        codes.narrow(0, from, blocks * BLOCK).copy_(Functional.bucketize(quotients.view(-1), bounds));
    }

    private static long blocks(long count) {
        return (count + BLOCK - 1) / BLOCK;
    }

    @Override
    public Map<String, Tensor> state(String name) {
        return Map.of(name + ".codes", codes, name + ".scales", scales);
    }
}
