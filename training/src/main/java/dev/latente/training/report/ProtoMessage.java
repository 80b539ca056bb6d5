package dev.latente.training.report;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** The bytes of a protocol buffer, field by field (protobuf.dev/programming-guides/encoding). */
final class ProtoMessage {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH = 2;
    private static final int FIXED32 = 5;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    ProtoMessage integer(int field, long value) {
        return varint(field << 3 | VARINT).varint(value);
    }

    ProtoMessage number(int field, double value) {
        return varint(field << 3 | FIXED64).littleEndian(Double.doubleToLongBits(value), Double.BYTES);
    }

    ProtoMessage number(int field, float value) {
        return varint(field << 3 | FIXED32).littleEndian(Float.floatToIntBits(value), Float.BYTES);
    }

    ProtoMessage text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    ProtoMessage message(int field, ProtoMessage value) {
        return bytes(field, value.toBytes());
    }

    ProtoMessage bytes(int field, byte[] value) {
        varint(field << 3 | LENGTH).varint(value.length);
        out.writeBytes(value);
        return this;
    }

    byte[] toBytes() {
        return out.toByteArray();
    }

    /** Seven bits in each byte, the lowest first; the top bit says that more follow. */
    private ProtoMessage varint(long value) {
        long rest = value;
        for (; (rest & ~0x7FL) != 0; rest >>>= 7) {
            out.write((int) ((rest & 0x7F) | 0x80));
        }
        out.write((int) rest);
        return this;
    }

    private ProtoMessage littleEndian(long bits, int bytes) {
        for (int i = 0; i < bytes; i++) {
            out.write((int) (bits >>> (8 * i)));
        }
        return this;
    }
}
