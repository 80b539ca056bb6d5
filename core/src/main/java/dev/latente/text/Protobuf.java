package dev.latente.text;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One message of a protocol buffer (encoding of proto2), field by field without a schema.
 *
 * @param number the field's number in its message
 * @param value of a varint, 64 or 32 bit field its bits; else 0
 * @param bytes of a length-delimited field its content; else null
 */
record Protobuf(int number, long value, @Nullable ByteBuffer bytes) {
    /**
     * The fields of a message in order.
     *
     * @throws IllegalArgumentException if the bytes are no message
     */
    static List<Protobuf> fields(ByteBuffer message) {
        ByteBuffer in = message.slice().order(ByteOrder.LITTLE_ENDIAN);
        List<Protobuf> fields = new ArrayList<>();
        try {
            while (in.hasRemaining()) {
                long tag = varint(in);
                int number = (int) (tag >>> 3);
                switch ((int) tag & 7) {
                    case 0 -> fields.add(new Protobuf(number, varint(in), null));
                    case 1 -> fields.add(new Protobuf(number, in.getLong(), null));
                    case 2 -> fields.add(new Protobuf(number, 0, content(in)));
                    case 5 -> fields.add(new Protobuf(number, in.getInt(), null));
                    default ->
                        throw new IllegalArgumentException(
                                "field [%d] has the wire type [%d]".formatted(number, tag & 7));
                }
            }
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("a message ends within a field", e);
        }
        return fields;
    }

    /** The field of a number; of several the last one counts. */
    static Optional<Protobuf> last(List<Protobuf> fields, int number) {
        return fields.stream().filter(f -> f.number() == number).reduce((first, second) -> second);
    }

    int intValue() {
        return (int) value;
    }

    byte[] toBytes() {
        byte[] out = new byte[content().remaining()];
        content().duplicate().get(out);
        return out;
    }

    String string() {
        return StandardCharsets.UTF_8.decode(content().duplicate()).toString();
    }

    ByteBuffer content() {
        if (bytes == null) {
            throw new IllegalArgumentException("field [%d] is a number, wanted bytes".formatted(number));
        }
        return bytes;
    }

    private static ByteBuffer content(ByteBuffer in) {
        int length = Math.toIntExact(Math.min(Integer.MAX_VALUE, varint(in) & Long.MAX_VALUE));
        ByteBuffer content = in.slice(in.position(), length);
        in.position(in.position() + length);
        return content;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte b = in.get();
            value |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a number has more than 64 bits");
    }
}
