package dev.latente.training.data;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Lists the files of a tar archive: POSIX ustar with pax headers, and GNU's long names and sizes (POSIX.1-2001, pax
 * interchange format; GNU tar manual, "Basic Tar Format"). Reads headers only.
 */
final class TarReader {
    static final int BLOCK = 512;
    /** Longest name or pax header that is read. */
    private static final int MAX_EXTENSION = 1 << 20;

    private final FileChannel channel;
    private final long end;
    private long position;
    private @Nullable String longName;
    private long longSize = -1;

    /**
     * A file of the archive.
     *
     * @param name with slashes
     * @param offset of its content in the archive
     * @param size of its content
     */
    record Member(String name, long offset, long size) {}

    TarReader(FileChannel channel) throws IOException {
        this.channel = channel;
        this.end = channel.size();
    }

    /**
     * The next regular file; null at the end.
     *
     * @throws EOFException if the archive ends inside a member
     * @throws IOException if there is no sound header
     */
    @Nullable
    Member next() throws IOException {
        while (true) {
            byte[] header = read(position, BLOCK);
            if (zero(header)) {
                return null;
            }
            check(header);
            long content = position + BLOCK;
            long size = longSize >= 0 ? longSize : number(header, 124, 12);
            if (size < 0 || size > end - content) {
                throw new EOFException("it ends inside of [%s]".formatted(name(header)));
            }
            position = content + (size + BLOCK - 1) / BLOCK * BLOCK;
            char type = (char) header[156];
            if (type == 'L') {
                longName = text(content, size);
            } else if (type == 'x') {
                pax(content, size);
            } else {
                Member member = new Member(longName != null ? longName : name(header), content, size);
                longName = null;
                longSize = -1;
                if (type == '0' || type == 0) {
                    return member;
                }
            }
        }
    }

    private void check(byte[] header) throws IOException {
        int sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= 148 && i < 156 ? ' ' : header[i] & 255;
        }
        if (sum != number(header, 148, 8)) {
            throw new IOException("there is no tar header at byte %d".formatted(position));
        }
    }

    private static String name(byte[] header) {
        String name = string(header, 0, 100);
        boolean ustar = string(header, 257, 5).equals("ustar") && header[262] == 0;
        String prefix = ustar ? string(header, 345, 155) : "";
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    /** Records {@code LENGTH KEY=VALUE\n}. */
    private void pax(long offset, long size) throws IOException {
        String rest = text(offset, size);
        for (String line : rest.split("\n", -1)) {
            int space = line.indexOf(' ');
            int equals = line.indexOf('=', space + 1);
            if (space < 0 || equals < 0) {
                continue;
            }
            String value = line.substring(equals + 1);
            switch (line.substring(space + 1, equals)) {
                case "path" -> longName = value;
                case "size" -> longSize = parse(value, 10);
                default -> {}
            }
        }
    }

    private String text(long offset, long size) throws IOException {
        if (size > MAX_EXTENSION) {
            throw new IOException("a header of %d bytes is too long (limit %d)".formatted(size, MAX_EXTENSION));
        }
        return string(read(offset, (int) size), 0, (int) size);
    }

    private byte[] read(long offset, int size) throws IOException {
        byte[] bytes = new byte[size];
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, offset + buffer.position()) < 0) {
                throw new EOFException("it ends at byte %d, without an end mark".formatted(offset + buffer.position()));
            }
        }
        return bytes;
    }

    private static boolean zero(byte[] block) {
        for (int i = 0; i < BLOCK; i++) {
            if (block[i] != 0) {
                return false;
            }
        }
        return true;
    }

    /** Text up to the first zero byte. */
    private static String string(byte[] from, int offset, int length) {
        int n = 0;
        while (n < length && from[offset + n] != 0) {
            n++;
        }
        return new String(from, offset, n, StandardCharsets.UTF_8);
    }

    /** Octal digits; or, where the first bit is set, a big-endian number (GNU). */
    private static long number(byte[] header, int offset, int length) throws IOException {
        if (header[offset] < 0) {
            long value = 0;
            for (int i = offset + 1; i < offset + length; i++) {
                value = value << 8 | (header[i] & 255);
            }
            return value;
        }
        String digits = string(header, offset, length).strip();
        return digits.isEmpty() ? 0 : parse(digits, 8);
    }

    private static long parse(String digits, int radix) throws IOException {
        try {
            return Long.parseLong(digits, radix);
        } catch (NumberFormatException e) {
            throw new IOException("[%s] is not a number of a tar header".formatted(digits), e);
        }
    }
}
