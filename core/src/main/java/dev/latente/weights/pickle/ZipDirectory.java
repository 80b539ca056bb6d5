package dev.latente.weights.pickle;

import dev.latente.weights.pickle.Contents.Region;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A zip archive of stored records (PKWARE's APPNOTE.TXT), in the one layout that torch writes: the records end to end from
 * byte 0, their directory, the end records, nothing else. Stricter than a zip tool, so that no two readers can see
 * different files in it.
 */
final class ZipDirectory {
    static final int LOCAL = 0x04034b50;

    private static final int CENTRAL = 0x02014b50;
    private static final int END = 0x06054b50;
    private static final int END_64 = 0x06064b50;
    private static final int LOCATOR_64 = 0x07064b50;
    private static final int END_BYTES = 22;
    private static final int END_64_BYTES = 56;
    private static final int LOCATOR_64_BYTES = 20;
    private static final int LOCAL_BYTES = 30;
    private static final int EXTRA_64 = 1;
    /** What a field of 32 bits holds where the value is in a field of 64. */
    private static final long SEE_64 = 0xffff_ffffL;

    private static final int HAS_DESCRIPTOR = 0x0008;
    private static final int NAME_IS_UTF_8 = 0x0800;
    private static final int LARGEST_DESCRIPTOR = 24;

    private record Entry(String name, int flags, long crc, long bytes, long header) {
        boolean hasDescriptor() {
            return (flags & HAS_DESCRIPTOR) != 0;
        }
    }

    private record Central(long count, long offset, long end) {}

    private final FileChannel channel;
    private final long size;

    private ZipDirectory(FileChannel channel, long size) {
        this.channel = channel;
        this.size = size;
    }

    /** Where the bytes of each record lie, by name. */
    static Map<String, Region> read(FileChannel channel, long size) {
        ZipDirectory zip = new ZipDirectory(channel, size);
        Central central = zip.central();
        return zip.regions(zip.entries(central), central.offset());
    }

    private Input in(long from, long end) {
        return new Input(channel, from, end);
    }

    private boolean isAt(long at, int signature) {
        return at >= 0 && size - at >= 4 && in(at, at + 4).i4() == signature;
    }

    private Central central() {
        long at = size - END_BYTES;
        if (!isAt(at, END)) {
            throw new Malformed("does not end as a zip archive does: it is cut off, or something is appended");
        }
        Input in = in(at + 4, size);
        int disk = in.u2();
        int firstDisk = in.u2();
        int countHere = in.u2();
        int count = in.u2();
        long bytes = in.u4();
        long offset = in.u4();
        int comment = in.u2();
        if (disk != 0 || firstDisk != 0 || countHere != count || comment != 0) {
            throw new Malformed("is a zip archive with a comment or of several parts");
        }
        long locator = at - LOCATOR_64_BYTES;
        if (isAt(locator, LOCATOR_64)) {
            Central central = central64(locator);
            if ((count != 0xffff && count != central.count())
                    || (bytes != SEE_64 && bytes != central.end() - central.offset())
                    || (offset != SEE_64 && offset != central.offset())) {
                throw new Malformed("has two zip end records that contradict each other");
            }
            return central;
        }
        if (bytes != at - offset) {
            throw new Malformed("has a zip directory that is not where its end record says");
        }
        return new Central(count, offset, at);
    }

    private Central central64(long locator) {
        Input in = in(locator + 4, size);
        int disk = in.i4();
        long at = in.i8();
        int disks = in.i4();
        if (disk != 0 || disks != 1 || at != locator - END_64_BYTES || !isAt(at, END_64)) {
            throw new Malformed("has a zip64 end record that is not where its locator says");
        }
        in = in(at + 4, size);
        long length = in.i8();
        in.skip(4);
        long someDisk = in.i8();
        long countHere = in.i8();
        long count = in.i8();
        long bytes = in.i8();
        long offset = in.i8();
        boolean whole = length == END_64_BYTES - 12 && someDisk == 0 && countHere == count;
        if (!whole || offset < 0 || offset > at || bytes != at - offset) {
            throw new Malformed("has a zip64 end record that contradicts the file");
        }
        return new Central(count, offset, at);
    }

    private List<Entry> entries(Central central) {
        Input in = in(central.offset(), central.end());
        List<Entry> entries = new ArrayList<>();
        while (in.remaining() > 0) {
            entries.add(entry(in));
        }
        if (entries.size() != central.count()) {
            throw new Malformed("has [%d] zip records but counts [%d]".formatted(entries.size(), central.count()));
        }
        return entries;
    }

    private Entry entry(Input in) {
        if (in.i4() != CENTRAL) {
            throw new Malformed("has a damaged zip directory at byte [%d]".formatted(in.position() - 4));
        }
        in.skip(4);
        int flags = in.u2();
        int method = in.u2();
        in.skip(4);
        long crc = in.u4();
        long stored = in.u4();
        long bytes = in.u4();
        int nameLength = in.u2();
        int extraLength = in.u2();
        int commentLength = in.u2();
        int disk = in.u2();
        in.skip(6);
        long header = in.u4();
        String name = in.utf8(nameLength);
        Input wide = extra64(in, extraLength);
        bytes = bytes == SEE_64 ? wide.i8() : bytes;
        stored = stored == SEE_64 ? wide.i8() : stored;
        header = header == SEE_64 ? wide.i8() : header;
        if (method != 0) {
            throw new Malformed(
                    "has zip record [%s] compressed by method [%d]; torch never does that".formatted(name, method));
        }
        if ((flags & ~(HAS_DESCRIPTOR | NAME_IS_UTF_8)) != 0 || disk != 0 || commentLength != 0) {
            throw new Malformed(
                    "has zip record [%s] with flags [0x%04x]; torch never writes those".formatted(name, flags));
        }
        if (bytes < 0 || bytes != stored || header < 0) {
            throw new Malformed("has zip record [%s] of [%d] bytes stored as [%d]".formatted(name, bytes, stored));
        }
        return new Entry(name, flags, crc, bytes, header);
    }

    /** The 64-bit fields of an entry, empty where it has none. */
    private Input extra64(Input in, int length) {
        Input found = in(0, 0);
        long end = in.position() + length;
        while (end - in.position() >= 4) {
            int id = in.u2();
            int part = in.u2();
            if (id == EXTRA_64) {
                found = in(in.position(), in.position() + part);
            }
            in.skip(part);
        }
        if (in.position() != end) {
            throw new Malformed("has a damaged zip directory at byte [%d]".formatted(end));
        }
        return found;
    }

    private Map<String, Region> regions(List<Entry> entries, long end) {
        List<Entry> ordered = new ArrayList<>(entries);
        ordered.sort(Comparator.comparingLong(Entry::header));
        Map<String, Region> regions = new HashMap<>();
        long filled = 0;
        long allowed = 0;
        for (Entry entry : ordered) {
            checkGap(entry.name(), filled, entry.header(), allowed);
            Region region = region(entry, end);
            filled = region.offset() + region.bytes();
            allowed = entry.hasDescriptor() ? LARGEST_DESCRIPTOR : 0;
            if (regions.put(entry.name(), region) != null) {
                throw new Malformed("has two zip records named [%s]".formatted(entry.name()));
            }
        }
        checkGap("directory", filled, end, allowed);
        return regions;
    }

    private static void checkGap(String name, long from, long to, long allowed) {
        if (to < from || to - from > allowed) {
            throw new Malformed("has zip record [%s] at byte [%d], wanted it at [%d]".formatted(name, to, from));
        }
    }

    /** The bytes of an entry, whose own header must say what the directory says. */
    private Region region(Entry entry, long end) {
        if (!isAt(entry.header(), LOCAL)) {
            throw new Malformed("has no zip record at byte [%d]".formatted(entry.header()));
        }
        Input in = in(entry.header() + 6, Math.min(end, entry.header() + LOCAL_BYTES + 0xffff));
        int flags = in.u2();
        int method = in.u2();
        in.skip(4);
        long crc = in.u4();
        long stored = in.u4();
        long bytes = in.u4();
        int nameLength = in.u2();
        int extraLength = in.u2();
        boolean later = entry.hasDescriptor() && crc == 0 && stored == 0 && bytes == 0;
        boolean agrees = crc == entry.crc()
                && (bytes == SEE_64 || bytes == entry.bytes())
                && (stored == SEE_64 || stored == entry.bytes());
        if (flags != entry.flags()
                || method != 0
                || !(later || agrees)
                || !in.utf8(nameLength).equals(entry.name())) {
            throw new Malformed("has zip record [%s] that contradicts the directory".formatted(entry.name()));
        }
        long offset = in.position() + extraLength;
        if (offset > end || entry.bytes() > end - offset) {
            throw new Malformed(
                    "has zip record [%s] of [%d] bytes: it is cut off".formatted(entry.name(), entry.bytes()));
        }
        if (entry.name().endsWith(".pkl") && in(offset, offset + entry.bytes()).crc32() != entry.crc()) {
            throw new Malformed("has zip record [%s] with another checksum: it is damaged".formatted(entry.name()));
        }
        return new Region(offset, entry.bytes());
    }
}
