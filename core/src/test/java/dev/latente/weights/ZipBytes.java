package dev.latente.weights;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/** An assembler for zip archives of stored records, good as they come and bad where a test changes a field. */
final class ZipBytes {
    /** One record; the fields are what its headers will say. */
    static final class Entry {
        String name;
        String localName;
        byte[] data;
        int method;
        int flags;
        int localFlags;
        long crc;
        long localCrc;
        long size;
        long localSize;
        long shift;
        byte[] extra = {};
        byte[] behind = {};

        Entry(String name, byte[] data) {
            this.name = name;
            this.localName = name;
            this.data = data;
            CRC32 checksum = new CRC32();
            checksum.update(data);
            crc = checksum.getValue();
            localCrc = crc;
            size = data.length;
            localSize = size;
        }
    }

    final List<Entry> entries = new ArrayList<>();
    byte[] prefix = {};
    byte[] suffix = {};
    byte[] beforeEnd = {};
    String comment = "";
    boolean wide;
    long countError;
    long offsetError;
    long wideCountError;
    long wideOffsetError;
    long locatorError;

    /** A checkpoint: a pickle, its byte order and version, and storage 0 of the floats 1, 2, 3, 4. */
    static ZipBytes checkpoint(byte[] pickle) {
        ZipBytes zip = new ZipBytes();
        zip.add("archive/data.pkl", pickle);
        zip.add("archive/byteorder", "little".getBytes(StandardCharsets.UTF_8));
        zip.add(
                "archive/data/0",
                new PickleBytes()
                        .int4(0x3f800000)
                        .int4(0x40000000)
                        .int4(0x40400000)
                        .int4(0x40800000)
                        .bytes());
        zip.add("archive/version", "3\n".getBytes(StandardCharsets.UTF_8));
        return zip;
    }

    Entry add(String name, byte[] data) {
        Entry entry = new Entry(name, data);
        entries.add(entry);
        return entry;
    }

    Entry entry(int index) {
        return entries.get(index);
    }

    byte[] bytes() {
        PickleBytes out = new PickleBytes().raw(prefix);
        PickleBytes central = new PickleBytes();
        for (Entry e : entries) {
            int offset = out.bytes().length;
            out.int4(0x04034b50).raw(fields(e.localFlags | e.flags, e.method, e.localCrc, e.localSize));
            out.raw(u2(e.localName.length()))
                    .raw(u2(0))
                    .raw(e.localName)
                    .raw(e.data)
                    .raw(e.behind);
            central.int4(0x02014b50).raw(u2(20)).raw(fields(e.flags, e.method, e.crc, e.size));
            central.raw(u2(e.name.length())).raw(u2(e.extra.length)).raw(new byte[10]);
            central.int4(offset + e.shift).raw(e.name).raw(e.extra);
        }
        int offset = out.bytes().length;
        int length = central.bytes().length;
        out.raw(central.bytes()).raw(beforeEnd);
        if (wide) {
            int at = out.bytes().length;
            long count = entries.size() + wideCountError;
            out.int4(0x06064b50)
                    .int8(44)
                    .raw(u2(45))
                    .raw(u2(45))
                    .int8(0)
                    .int8(count)
                    .int8(count);
            out.int8(length).int8(offset + wideOffsetError);
            out.int4(0x07064b50).int4(0).int8(at + locatorError).int4(1);
        }
        int count = (int) (entries.size() + countError);
        out.int4(0x06054b50).int4(0).raw(u2(count)).raw(u2(count)).int4(length).int4(offset + offsetError);
        return out.raw(u2(comment.length())).raw(comment).raw(suffix).bytes();
    }

    private static byte[] fields(int flags, int method, long crc, long size) {
        return new PickleBytes()
                .raw(u2(20))
                .raw(u2(flags))
                .raw(u2(method))
                .int4(0)
                .int4(crc)
                .int4(size)
                .int4(size)
                .bytes();
    }

    private static byte[] u2(int value) {
        return new byte[] {(byte) value, (byte) (value >> 8)};
    }
}
