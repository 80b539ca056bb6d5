package dev.latente.weights;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * The head of a GGUF file: magic, version, the two counts, key-value pairs, tensor descriptions. Every length is held
 * against what is left of the file before anything is allocated.
 */
final class GgufHeader {
    /** A tensor, its element type and where it begins in the file. */
    record Entry(TensorInfo info, GgmlType type, long offset) {}

    private static final int MAX_NAME = 65_535;
    private static final int MAX_TEXT = 1 << 24;
    private static final int MAX_DIMS = 4;
    private static final int LONGEST_LIST = 64;
    private static final long SMALLEST_PAIR = 8 + 4 + 1;
    private static final long SMALLEST_TENSOR = 8 + 4 + 4 + 8;

    private final MappedFile file;
    private final InputStream in;
    private final byte[] number = new byte[8];
    private long position;
    private @Nullable String tensor;

    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private GgufHeader(MappedFile file, InputStream in) {
        this.file = file;
        this.in = in;
    }

    static GgufHeader read(MappedFile file) {
        try (InputStream in = new BufferedInputStream(file.stream(0, file.size()))) {
            GgufHeader header = new GgufHeader(file, in);
            header.read();
            return header;
        } catch (IOException e) {
            throw MappedFile.unreadable(file.path(), e);
        }
    }

    Map<String, String> metadata() {
        return metadata;
    }

    /** In the order of the file. */
    List<Entry> entries() {
        return List.copyOf(entries.values());
    }

    private void read() throws IOException {
        // "GGUF" as a little-endian number.
        if (file.size() < 4 || int32() != 0x46554747) {
            throw bad("is not GGUF: it does not begin with its magic number");
        }
        int version = int32();
        if (version != 2 && version != 3) {
            boolean swapped = Integer.reverseBytes(version) == 2 || Integer.reverseBytes(version) == 3;
            throw bad(
                    swapped
                            ? "is a big-endian GGUF file, which is not supported"
                            : "is GGUF version [%s], wanted 2 or 3".formatted(Integer.toUnsignedString(version)));
        }
        long tensors = count("tensors", SMALLEST_TENSOR);
        long pairs = count("key-value pairs", SMALLEST_PAIR);
        for (long i = 0; i < pairs; i++) {
            String key = text(MAX_NAME);
            if (metadata.put(key, value(key)) != null) {
                throw bad("key [%s] is there twice".formatted(key));
            }
        }
        List<Entry> described = new ArrayList<>();
        for (long i = 0; i < tensors; i++) {
            described.add(description());
        }
        place(described);
    }

    /** Offsets are counted from the first aligned byte after the descriptions; tensors follow each other, each aligned. */
    private void place(List<Entry> described) {
        long alignment = alignment();
        long start = aligned(position, alignment);
        long expected = 0;
        for (Entry e : described) {
            tensor = e.info.name();
            if (e.offset != expected) {
                throw bad("begins at byte %s of the data, wanted %d"
                        .formatted(Long.toUnsignedString(e.offset), expected));
            }
            // Not as a sum: that could overflow.
            if (e.info.bytes() > file.size() - start - expected) {
                throw bad("ends behind the end of the file (%d bytes from %d, file of %d): is it cut off?"
                        .formatted(e.info.bytes(), start + expected, file.size()));
            }
            if (entries.put(e.info.name(), new Entry(e.info, e.type, start + expected)) != null) {
                throw bad("is described twice");
            }
            expected = aligned(expected + e.info.bytes(), alignment);
        }
        tensor = null;
    }

    private long alignment() {
        String text = metadata.getOrDefault("general.alignment", "32");
        if (!text.matches("[0-9]{1,9}") || Long.bitCount(Long.parseLong(text)) != 1) {
            throw bad("general.alignment [%s] is not a power of two".formatted(text));
        }
        return Long.parseLong(text);
    }

    private static long aligned(long offset, long alignment) {
        return (offset + alignment - 1) / alignment * alignment;
    }

    private Entry description() throws IOException {
        String name = text(MAX_NAME);
        tensor = name;
        int rank = int32();
        if (rank < 0 || rank > MAX_DIMS) {
            throw bad("has [%s] dimensions, the most is %d".formatted(Integer.toUnsignedString(rank), MAX_DIMS));
        }
        List<Long> shape = new ArrayList<>();
        for (int i = 0; i < rank; i++) {
            // The file begins with the innermost dimension.
            shape.add(0, int64());
        }
        int id = int32();
        GgmlType type = GgmlType.of(id)
                .orElseThrow(() -> bad("is of type [%s], which is not known".formatted(Integer.toUnsignedString(id))));
        long row = rank == 0 ? 1 : shape.get(rank - 1);
        if (row % type.blockSize() != 0) {
            throw bad("has rows of %d, wanted whole blocks of %d for %s".formatted(row, type.blockSize(), type));
        }
        long bytes = bytes(type, shape);
        Entry entry = new Entry(new TensorInfo(name, type.name(), original(name, shape), bytes), type, int64());
        tensor = null;
        return entry;
    }

    private long bytes(GgmlType type, List<Long> shape) {
        try {
            long elements = 1;
            for (long d : shape) {
                if (d < 0) {
                    throw new ArithmeticException("dimension of 2^63 or more");
                }
                elements = Math.multiplyExact(elements, d);
            }
            return Math.multiplyExact(elements / type.blockSize(), (long) type.blockBytes());
        } catch (ArithmeticException e) {
            throw new WeightsException(file.path(), tensor, "%s%s is too large to be real".formatted(type, shape), e);
        }
    }

    /** ComfyUI-GGUF stores convolutions as rows of whole blocks and notes the shape that they had. */
    private List<Long> original(String name, List<Long> shape) {
        String noted = metadata.get("comfy.gguf.orig_shape." + name);
        if (noted == null) {
            return shape;
        }
        if (!noted.matches("\\[[0-9]{1,9}(, [0-9]{1,9}){0,7}]")) {
            throw bad("its original shape %s is not a shape".formatted(noted));
        }
        List<Long> original = new ArrayList<>();
        for (String d : noted.substring(1, noted.length() - 1).split(", ", -1)) {
            original.add(Long.valueOf(d));
        }
        if (!product(original).equals(product(shape))) {
            throw bad("its original shape %s has another size than %s".formatted(original, shape));
        }
        return original;
    }

    private static BigInteger product(List<Long> shape) {
        return shape.stream().map(BigInteger::valueOf).reduce(BigInteger.ONE, BigInteger::multiply);
    }

    private String value(String key) throws IOException {
        int type = int32();
        if (type != 9) {
            return scalar(key, type);
        }
        int element = int32();
        long count = count("elements of [%s]".formatted(key), size(key, element));
        if (count > LONGEST_LIST) {
            for (long i = 0; i < count; i++) {
                scalar(key, element);
            }
            return "[%d values]".formatted(count);
        }
        StringJoiner list = new StringJoiner(", ", "[", "]");
        for (long i = 0; i < count; i++) {
            list.add(scalar(key, element));
        }
        return list.toString();
    }

    /** Value types of the specification; 9 is an array, which may not hold arrays. */
    private String scalar(String key, int type) throws IOException {
        return switch (type) {
            case 0 -> Integer.toString(number(1).get() & 0xff);
            case 1 -> Integer.toString(number(1).get());
            case 2 -> Integer.toString(number(2).getShort() & 0xffff);
            case 3 -> Integer.toString(number(2).getShort());
            case 4 -> Integer.toUnsignedString(int32());
            case 5 -> Integer.toString(int32());
            case 6 -> Float.toString(number(4).getFloat());
            case 7 -> bool(key);
            case 8 -> text(MAX_TEXT);
            case 10 -> Long.toUnsignedString(int64());
            case 11 -> Long.toString(int64());
            case 12 -> Double.toString(number(8).getDouble());
            default -> throw bad("key [%s] has a value of type [%d], which is not known".formatted(key, type));
        };
    }

    private String bool(String key) throws IOException {
        byte value = number(1).get();
        if (value != 0 && value != 1) {
            throw bad("key [%s] has [%d] for a truth value".formatted(key, value));
        }
        return Boolean.toString(value == 1);
    }

    /** The fewest bytes that a value of that type takes. */
    private long size(String key, int type) {
        return switch (type) {
            case 0, 1, 7 -> 1;
            case 2, 3 -> 2;
            case 4, 5, 6 -> 4;
            case 8, 10, 11, 12 -> 8;
            default -> throw bad("key [%s] has a list of type [%d], which is not known".formatted(key, type));
        };
    }

    private long count(String what, long smallest) throws IOException {
        long count = int64();
        if (count < 0 || count > (file.size() - position) / smallest) {
            throw bad("claims %s %s, more than fit in the %d bytes that are left"
                    .formatted(Long.toUnsignedString(count), what, file.size() - position));
        }
        return count;
    }

    private String text(int limit) throws IOException {
        long length = int64();
        if (length < 0 || length > limit || length > file.size() - position) {
            throw bad("claims a text of %s bytes at byte %d, the most is %d and %d are left"
                    .formatted(Long.toUnsignedString(length), position, limit, file.size() - position));
        }
        byte[] bytes = new byte[(int) length];
        fill(bytes, bytes.length);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new WeightsException(file.path(), tensor, "text before byte %d is not UTF-8".formatted(position), e);
        }
    }

    private int int32() throws IOException {
        return number(4).getInt();
    }

    private long int64() throws IOException {
        return number(8).getLong();
    }

    private ByteBuffer number(int bytes) throws IOException {
        fill(number, bytes);
        return ByteBuffer.wrap(number, 0, bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void fill(byte[] to, int bytes) throws IOException {
        if (in.readNBytes(to, 0, bytes) < bytes) {
            throw new EOFException("the file ends in the header, at byte %d".formatted(file.size()));
        }
        position += bytes;
    }

    private WeightsException bad(String what) {
        return new WeightsException(file.path(), tensor, what);
    }
}
