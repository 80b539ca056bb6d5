package dev.latente.training.data;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes tar archives of small files with short names (POSIX ustar). The same content gives the same bytes. */
final class TarWriter {
    private static final int MAX_NAME = 100;

    private final OutputStream out;

    TarWriter(OutputStream out) {
        this.out = out;
    }

    void add(String name, byte[] content) throws IOException {
        byte[] header = new byte[TarReader.BLOCK];
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MAX_NAME) {
            throw new IllegalArgumentException(
                    "tar: name [%s] has %d bytes, the most is %d".formatted(name, bytes.length, MAX_NAME));
        }
        System.arraycopy(bytes, 0, header, 0, bytes.length);
        put(header, 100, "0000644");
        put(header, 108, "0000000");
        put(header, 116, "0000000");
        put(header, 124, "%011o".formatted(content.length));
        put(header, 136, "%011o".formatted(0));
        header[156] = '0';
        put(header, 257, "ustar");
        put(header, 263, "00");
        Arrays.fill(header, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte b : header) {
            sum += b & 255;
        }
        put(header, 148, "%06o\0".formatted(sum));
        out.write(header);
        out.write(content);
        out.write(new byte[-content.length & (TarReader.BLOCK - 1)]);
    }

    private static void put(byte[] header, int offset, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, header, offset, bytes.length);
    }

    /** Writes the end mark. */
    void finish() throws IOException {
        out.write(new byte[2 * TarReader.BLOCK]);
    }
}
