package dev.latente.weights.pickle;

import dev.latente.weights.pickle.Contents.Region;
import dev.latente.weights.pickle.Values.Dict;
import dev.latente.weights.pickle.Values.Items;
import dev.latente.weights.pickle.Values.StorageRef;
import java.math.BigInteger;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The two layouts of {@code torch.save}, told apart by content. */
final class TorchFile {
    private static final Pattern RECORD = Pattern.compile(
            "([^/\\\\]+)/(data/\\d+|version|byteorder|\\.format_version|\\.storage_alignment|\\.data/serialization_id|data\\.pkl)");
    private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
    private static final long PROTOCOL = 1001;
    private static final int TAR_MAGIC = 257;

    private final FileChannel channel;
    private final long size;

    private TorchFile(FileChannel channel, long size) {
        this.channel = channel;
        this.size = size;
    }

    static Contents read(FileChannel channel, long size) {
        TorchFile file = new TorchFile(channel, size);
        if (size < 4) {
            throw new Malformed("has [%d] bytes: it is no torch checkpoint".formatted(size));
        }
        Input in = new Input(channel, 0, size);
        if (in.i4() == ZipDirectory.LOCAL) {
            return file.zip();
        }
        return file.legacy();
    }

    /** torch 1.6 and later: data.pkl and one record for each storage. */
    private Contents zip() {
        Map<String, Region> records = new HashMap<>();
        String root = "";
        for (var entry : ZipDirectory.read(channel, size).entrySet()) {
            Matcher name = RECORD.matcher(entry.getKey());
            if (!name.matches() || name.group(1).matches("\\.+") || !(root.isEmpty() || root.equals(name.group(1)))) {
                throw new Malformed(
                        "has a zip record [%s] that is not part of a torch checkpoint".formatted(entry.getKey()));
            }
            root = name.group(1);
            records.put(name.group(2), entry.getValue());
        }
        Region pickle = records.get("data.pkl");
        if (pickle == null) {
            throw new Malformed("is a zip archive without data.pkl: it is no torch checkpoint");
        }
        Region order = records.get("byteorder");
        if (order != null && !in(order).utf8(Math.min(order.bytes(), 16)).equals("little")) {
            throw new Malformed("is big-endian: save it again on a little-endian machine");
        }
        Input in = in(pickle);
        Unpickler unpickler = new Unpickler(in);
        Object object = unpickler.load();
        checkEnd(in);
        Map<String, Region> storages = new HashMap<>();
        for (String key : unpickler.storages().keySet()) {
            Region region = records.get("data/" + key);
            if (region != null) {
                storages.put(key, region);
            }
        }
        return new Contents(object, storages);
    }

    /** Before 1.6: five pickles (magic, protocol, machine, object, storage keys), then length and bytes of each storage. */
    private Contents legacy() {
        Input in = new Input(channel, 0, size);
        if (!MAGIC.equals(magic(in))) {
            throw new Malformed("is no torch checkpoint: %s".formatted(looksLike()));
        }
        Object protocol = new Unpickler(in).load();
        if (!protocol.equals(PROTOCOL)) {
            throw new Malformed("is a torch file of another protocol than [%d]".formatted(PROTOCOL));
        }
        if (new Unpickler(in).load() instanceof Dict machine
                && Boolean.FALSE.equals(machine.entries.get("little_endian"))) {
            throw new Malformed("is big-endian: save it again on a little-endian machine");
        }
        Unpickler unpickler = new Unpickler(in);
        Object object = unpickler.load();
        if (!(new Unpickler(in).load() instanceof Items keys)) {
            throw new Malformed("has no list of storages");
        }
        Map<String, Region> storages = new HashMap<>();
        for (Object key : keys.values) {
            StorageRef storage =
                    key instanceof String name ? unpickler.storages().get(name) : null;
            if (storage == null) {
                throw new Malformed("has a storage that no tensor uses");
            }
            long elements = in.i8();
            if (elements != storage.elements()) {
                throw new Malformed(
                        "has storage [%s] of [%d] elements, wanted [%d]".formatted(key, elements, storage.elements()));
            }
            Region region = new Region(in.position(), storage.bytes());
            in.skip(region.bytes());
            if (storages.put(storage.key(), region) != null) {
                throw new Malformed("has storage [%s] twice".formatted(key));
            }
        }
        checkEnd(in);
        return new Contents(object, storages);
    }

    private static void checkEnd(Input in) {
        if (in.remaining() != 0) {
            throw new Malformed("has [%d] bytes behind its end".formatted(in.remaining()));
        }
    }

    private Input in(Region region) {
        return new Input(channel, region.offset(), region.offset() + region.bytes());
    }

    /** The first pickle, unless the file is none. */
    private static Object magic(Input in) {
        try {
            return new Unpickler(in).load();
        } catch (Malformed e) {
            return Values.None.NONE;
        }
    }

    private String looksLike() {
        byte[] start = new Input(channel, 0, size).bytes(Math.min(size, 512));
        String text = new String(start, StandardCharsets.ISO_8859_1);
        if (text.startsWith("ustar", TAR_MAGIC) || text.startsWith("sys_info")) {
            return "it is a tar archive, as torch wrote before 0.1.10; load and save it with a newer torch";
        }
        if (text.startsWith("version https://git-lfs")) {
            return "it is a Git LFS pointer; fetch the file itself";
        }
        if (text.startsWith("GGUF") || text.startsWith("{\"", 8)) {
            return "it is another weights format under this extension";
        }
        return "it starts with [%s]".formatted(text.substring(0, Math.min(8, text.length())));
    }
}
