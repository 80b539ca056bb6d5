package dev.latente.weights;

import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Element types of GGUF files. Quantised types store blocks of 32 or 256 weights as small integers q with shared scales; the
 * layouts are ggml's ({@code ggml-common.h}). In each comment the fields stand in their order in the block: {@code d} is a
 * half-precision scale, {@code m} (or {@code dmin}) a half-precision offset, {@code qs} are packed integers.
 */
enum GgmlType {
    F32(0, DType.F32),
    F16(1, DType.F16),
    Q4_0(2, 32, 18),
    Q4_1(3, 32, 20),
    Q5_0(6, 32, 22),
    Q5_1(7, 32, 24),
    Q8_0(8, 32, 34),
    Q2_K(10, 256, 84),
    Q3_K(11, 256, 110),
    Q4_K(12, 256, 144),
    Q5_K(13, 256, 176),
    Q6_K(14, 256, 210),
    Q8_K(15, 256, 292),
    I8(24, DType.I8),
    I16(25, DType.I16),
    I32(26, DType.I32),
    I64(27, DType.I64),
    F64(28, DType.F64),
    BF16(30, DType.BF16);

    /** Weights decoded at a time: few enough for the cache, and for libtorch to leave the threads to us. */
    private static final long PORTION = 1 << 14;

    private final int id;
    private final int blockSize;
    private final int blockBytes;
    private final @Nullable DType dtype;

    GgmlType(int id, DType dtype) {
        this.id = id;
        this.blockSize = 1;
        this.blockBytes = dtype.bytes();
        this.dtype = dtype;
    }

    GgmlType(int id, int blockSize, int blockBytes) {
        this.id = id;
        this.blockSize = blockSize;
        this.blockBytes = blockBytes;
        this.dtype = null;
    }

    static Optional<GgmlType> of(int id) {
        return Stream.of(values()).filter(t -> t.id == id).findFirst();
    }

    /** How many weights a block holds; 1 for types that are not quantised. */
    int blockSize() {
        return blockSize;
    }

    int blockBytes() {
        return blockBytes;
    }

    /** The type of a tensor that is not quantised. */
    @Nullable
    DType dtype() {
        return dtype;
    }

    /** blocks [n, blockBytes] uint8 -> [n, blockSize] fp32. */
    Tensor dequantise(Tensor blocks) {
        long n = blocks.size(0);
        Tensor out = Ops.empty(DType.F32, Device.CPU, n, blockSize);
        long step = PORTION / blockSize;
        LongStream.range(0, (n + step - 1) / step).parallel().forEach(i -> {
            long count = Math.min(step, n - i * step);
            Scopes.run(() -> out.narrow(0, i * step, count)
                    .copy_(decode(blocks.narrow(0, i * step, count)).view(count, blockSize)));
        });
        return out;
    }

    /** blocks [n, blockBytes] uint8 -> [n, …] fp32. */
    private Tensor decode(Tensor blocks) {
        return switch (this) {
            case Q4_0 -> q4_0(blocks);
            case Q4_1 -> q4_1(blocks);
            case Q5_0 -> q5_0(blocks);
            case Q5_1 -> q5_1(blocks);
            case Q8_0 -> q8_0(blocks);
            case Q2_K -> q2k(blocks);
            case Q3_K -> q3k(blocks);
            case Q4_K -> q4k(blocks);
            case Q5_K -> q5k(blocks);
            case Q6_K -> q6k(blocks);
            case Q8_K -> q8k(blocks);
            case F32, F16, BF16, F64, I8, I16, I32, I64 -> throw new IllegalStateException(this + " is not quantised");
        };
    }

    /** d, qs[16]: d · (q - 8), q of 4 bits; the first half of the block is in the low bits. */
    private static Tensor q4_0(Tensor b) {
        return Ops.sub(nibbles(b, 2, 16), 8).mul(half(b, 0));
    }

    /** d, m, qs[16]: d · q + m. */
    private static Tensor q4_1(Tensor b) {
        return nibbles(b, 4, 16).mul(half(b, 0)).add(half(b, 2));
    }

    /** d, qh[4], qs[16]: d · (q - 16), q of 5 bits; bit i of qh is the fifth of weight i. */
    private static Tensor q5_0(Tensor b) {
        Tensor q = Ops.addScaled(nibbles(b, 6, 16), fifthBits(b, 2), 16);
        return Ops.sub(q, 16).mul(half(b, 0));
    }

    /** d, m, qh[4], qs[16]: d · q + m. */
    private static Tensor q5_1(Tensor b) {
        Tensor q = Ops.addScaled(nibbles(b, 8, 16), fifthBits(b, 4), 16);
        return q.mul(half(b, 0)).add(half(b, 2));
    }

    /** d, qs[32]: d · q, q signed. */
    private static Tensor q8_0(Tensor b) {
        return signed(b, 2, 32).mul(half(b, 0));
    }

    /** scales[16], qs[64], d, dmin: d · scale · q - dmin · min for 16 groups of 16; a byte of scales is min, scale. */
    private static Tensor q2k(Tensor b) {
        Tensor scales = bytes(b, 0, 16);
        Tensor scale = number(Ops.bits(scales, 4, 0)).mul(half(b, 80).unsqueeze(-1));
        Tensor min = number(Ops.bits(scales, 4, 4)).mul(half(b, 82).unsqueeze(-1));
        return crumbs(b, 16, 64).mul(scale.view(-1, 16, 1)).sub(min.view(-1, 16, 1));
    }

    /**
     * hmask[32], qs[64], scales[12], d: d · (scale - 32) · (q - 4) for 16 groups of 16, q of 3 bits. Bit j of hmask[i] is
     * the third of weight 32·j + i. Scales have 6 bits: the first 8 bytes hold the low four, the last 4 bytes the high two.
     */
    private static Tensor q3k(Tensor b) {
        Tensor low = Ops.bits(bytes(b, 96, 8), 4, 0, 4).view(-1, 16);
        Tensor high = Ops.bits(bytes(b, 104, 4), 2, 0, 2, 4, 6).view(-1, 16);
        Tensor scale = Ops.sub(Ops.addScaled(number(low), number(high), 16), 32).mul(half(b, 108));
        Tensor third =
                number(Ops.bits(bytes(b, 0, 32), 1, 0, 1, 2, 3, 4, 5, 6, 7)).view(-1, 16, 16);
        Tensor q = Ops.sub(Ops.addScaled(crumbs(b, 32, 64), third, 4), 4);
        return q.mul(scale.view(-1, 16, 1));
    }

    /** d, dmin, scales[12], qs[128]: d · scale · q - dmin · min for 8 groups of 32. */
    private static Tensor q4k(Tensor b) {
        Tensor q = number(Ops.bits(bytes(b, 16, 128).view(-1, 4, 32), 4, 0, 4)).view(-1, 8, 32);
        return scaled(b, q);
    }

    /** d, dmin, scales[12], qh[32], qs[128]: as Q4_K; bit j of qh[i] is the fifth of weight 32·j + i. */
    private static Tensor q5k(Tensor b) {
        Tensor low =
                number(Ops.bits(bytes(b, 48, 128).view(-1, 4, 32), 4, 0, 4)).view(-1, 8, 32);
        Tensor high = number(Ops.bits(bytes(b, 16, 32), 1, 0, 1, 2, 3, 4, 5, 6, 7));
        return scaled(b, Ops.addScaled(low, high, 16));
    }

    /** ql[128], qh[64], scales[16] signed, d: d · scale · (q - 32) for 16 groups of 16, q of 6 bits. */
    private static Tensor q6k(Tensor b) {
        Tensor low = number(Ops.bits(bytes(b, 0, 128).view(-1, 2, 64), 4, 0, 4)).view(-1, 16, 16);
        Tensor high = number(Ops.bits(bytes(b, 128, 64).view(-1, 2, 32), 2, 0, 2, 4, 6))
                .view(-1, 16, 16);
        Tensor scale = signed(b, 192, 16).mul(half(b, 208));
        return Ops.sub(Ops.addScaled(low, high, 16), 32).mul(scale.unsqueeze(-1));
    }

    /** d in single precision, qs[256] signed, sums[16] of 16 bits that only dot products need: d · q. */
    private static Tensor q8k(Tensor b) {
        Tensor d = bytes(b, 0, 4).view(DType.F32.scalarType());
        return signed(b, 4, 256).mul(d);
    }

    /**
     * The head that Q4_K and Q5_K share: eight scales and eight mins of 6 bits. Bytes 0 to 3 hold the low bits of scales 0
     * to 3, bytes 4 to 7 those of the mins; bytes 8 to 11 hold the low nibbles of scales 4 to 7 and of mins 4 to 7, whose
     * high bits are in the top of the first eight.
     */
    private static Tensor scaled(Tensor b, Tensor q) {
        Tensor six = number(Ops.bits(bytes(b, 4, 8), 6, 0)).view(-1, 2, 4);
        Tensor four = number(Ops.bits(bytes(b, 12, 4), 4, 0, 4));
        Tensor two = number(Ops.bits(bytes(b, 4, 8), 2, 6)).view(-1, 2, 4);
        Tensor both = Ops.cat(2, six, Ops.addScaled(four, two, 16));
        Tensor scale = both.select(1, 0).mul(half(b, 0)).unsqueeze(-1);
        Tensor min = both.select(1, 1).mul(half(b, 2)).unsqueeze(-1);
        return q.mul(scale).sub(min);
    }

    /** Weights of 4 bits: all the low ones, then all the high ones. */
    private static Tensor nibbles(Tensor b, long from, long count) {
        return number(Ops.bits(bytes(b, from, count), 4, 0, 4)).view(-1, 2 * count);
    }

    /** Weights of 2 bits, in halves of 128 and groups of 16. */
    private static Tensor crumbs(Tensor b, long from, long count) {
        return number(Ops.bits(bytes(b, from, count).view(-1, 2, 32), 2, 0, 2, 4, 6))
                .view(-1, 16, 16);
    }

    private static Tensor fifthBits(Tensor b, long from) {
        Tensor bits = Ops.bits(bytes(b, from, 4), 1, 0, 1, 2, 3, 4, 5, 6, 7);
        return number(bits.transpose(1, 2).reshape(-1, 32));
    }

    private static Tensor signed(Tensor b, long from, long count) {
        return number(bytes(b, from, count).view(DType.I8.scalarType()));
    }

    private static Tensor half(Tensor b, long from) {
        return number(bytes(b, from, 2).view(DType.F16.scalarType()));
    }

    private static Tensor number(Tensor x) {
        return Ops.to(x, DType.F32);
    }

    private static Tensor bytes(Tensor b, long from, long count) {
        return b.narrow(1, from, count).contiguous();
    }
}
