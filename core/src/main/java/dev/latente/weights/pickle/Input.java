package dev.latente.weights.pickle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/** Little-endian reading of a part of a file; no length field is believed beyond the end of that part. */
final class Input {
    private static final int BUFFER = 1 << 16;

    private final FileChannel channel;
    private final long end;
    private final ByteBuffer buffer;
    private long next;

    Input(FileChannel channel, long from, long end) {
        if (from < 0 || end < from) {
            throw new Malformed("points to bytes [%d, %d), which cannot be".formatted(from, end));
        }
        this.channel = channel;
        this.end = end;
        this.next = from;
        this.buffer = ByteBuffer.allocate((int) Math.min(BUFFER, end - from))
                .order(ByteOrder.LITTLE_ENDIAN)
                .limit(0);
    }

    long position() {
        return next - buffer.remaining();
    }

    long remaining() {
        return end - position();
    }

    int u1() {
        return require(1).get() & 0xff;
    }

    int u2() {
        return require(2).getShort() & 0xffff;
    }

    int i4() {
        return require(4).getInt();
    }

    long u4() {
        return i4() & 0xffff_ffffL;
    }

    long i8() {
        return require(8).getLong();
    }

    byte[] bytes(long length) {
        check(length);
        byte[] out = new byte[Math.toIntExact(length)];
        for (int done = 0; done < out.length; ) {
            int part = Math.min(out.length - done, require(1).remaining());
            buffer.get(out, done, part);
            done += part;
        }
        return out;
    }

    void skip(long length) {
        check(length);
        if (length <= buffer.remaining()) {
            buffer.position(buffer.position() + (int) length);
        } else {
            next = position() + length;
            buffer.limit(0);
        }
    }

    String utf8(long length) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes(length)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new Malformed("has text at byte [%d] that is not UTF-8".formatted(position() - length));
        }
    }

    /** Latin-1 text up to a line feed, which is consumed. */
    String line() {
        StringBuilder text = new StringBuilder();
        for (int c = u1(); c != '\n'; c = u1()) {
            if (text.length() == BUFFER) {
                throw new Malformed("has a line without an end at byte [%d]".formatted(position() - BUFFER));
            }
            text.append((char) c);
        }
        return text.toString();
    }

    /** The checksum of all that remains, which is consumed. */
    long crc32() {
        CRC32 crc = new CRC32();
        while (remaining() > 0) {
            crc.update(require(1));
        }
        return crc.getValue();
    }

    private void check(long length) {
        if (length < 0 || length > remaining()) {
            throw new Malformed("wants [%s] bytes at byte [%d] but only [%d] remain"
                    .formatted(Long.toUnsignedString(length), position(), remaining()));
        }
    }

    private ByteBuffer require(int length) {
        if (buffer.remaining() >= length) {
            return buffer;
        }
        check(length);
        buffer.compact();
        buffer.limit((int) Math.min(buffer.capacity(), buffer.position() + (end - next)));
        try {
            while (buffer.position() < length) {
                int read = channel.read(buffer, next);
                if (read < 0) {
                    throw new Malformed("ends at byte [%d]: it is cut off".formatted(next));
                }
                next += read;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return buffer.flip();
    }
}
