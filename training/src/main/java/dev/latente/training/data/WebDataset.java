package dev.latente.training.data;

import dev.latente.weights.Json;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Pictures in tar shards: the members of an example stand together and have one name up to the first dot, such as
 * {@code 000017.jpg}, {@code 000017.txt} and {@code 000017.json} (WebDataset's format). The shards are listed once, when the
 * dataset is opened, and then read by offset. Of a shard that is cut off or broken, what comes before is used. Thread-safe.
 */
public final class WebDataset implements EncodedDataset {
    private static final Set<String> PICTURES = Set.of("png", "jpg", "jpeg", "webp", "bmp", "gif");
    /** Most bytes of a picture. */
    private static final long MAX_MEMBER = 256 << 20;

    private final List<FileChannel> shards = new ArrayList<>();
    private final List<Entry> entries = new ArrayList<>();
    private final List<Skipped> skipped = new ArrayList<>();
    private final String field;

    private record Entry(
            String name,
            int shard,
            TarReader.Member picture,
            TarReader.@Nullable Member text,
            TarReader.@Nullable Member json) {}

    private WebDataset(String field) {
        this.field = field;
    }

    /** As {@link #open(String, String)} with captions in the field {@code caption} of a {@code .json}. */
    public static WebDataset open(String shards) {
        return open(shards, "caption");
    }

    /**
     * Lists the shards.
     *
     * @param shards a folder of {@code .tar} files, one of them, or several as {@code data/{00000..00012}.tar}
     * @param field of a {@code .json} that has the caption, a string or a list of them; a {@code .txt} goes before it
     * @throws IllegalArgumentException if a shard is not there, or there are no pictures in any
     */
    public static WebDataset open(String shards, String field) {
        WebDataset data = new WebDataset(field);
        try {
            for (Path shard : files(shards)) {
                data.list(shard);
            }
        } catch (NoSuchFileException e) {
            data.close();
            throw new IllegalArgumentException("%s: there is no such shard".formatted(e.getFile()), e);
        } catch (IOException e) {
            data.close();
            throw new UncheckedIOException("%s: cannot be read: %s".formatted(shards, e.getMessage()), e);
        }
        if (data.entries.isEmpty()) {
            data.close();
            throw new IllegalArgumentException(
                    "%s: has no pictures: wanted tar files with NAME.jpg, .png or .webp and NAME.txt or .json%s"
                            .formatted(shards, data.skipped.isEmpty() ? "" : "; " + data.skipped.get(0)));
        }
        return data;
    }

    private static List<Path> files(String shards) throws IOException {
        if (Files.isDirectory(Path.of(shards))) {
            try (Stream<Path> files = Files.list(Path.of(shards))) {
                return files.filter(f -> f.toString().endsWith(".tar")).sorted().toList();
            }
        }
        return Braces.expand(shards).stream().map(Path::of).toList();
    }

    private void list(Path shard) throws IOException {
        FileChannel channel = FileChannel.open(shard, StandardOpenOption.READ);
        shards.add(channel);
        String key = "";
        Map<String, TarReader.Member> group = new LinkedHashMap<>();
        try {
            TarReader tar = new TarReader(channel);
            for (TarReader.Member m = tar.next(); m != null; m = tar.next()) {
                int dot = m.name().indexOf('.', m.name().lastIndexOf('/') + 1);
                String next = dot < 0 ? m.name() : m.name().substring(0, dot);
                if (!next.equals(key)) {
                    add(shard, key, group);
                    group.clear();
                    key = next;
                }
                group.put(dot < 0 ? "" : m.name().substring(dot + 1).toLowerCase(Locale.ROOT), m);
            }
            add(shard, key, group);
        } catch (EOFException e) {
            // Without the rest nobody knows whether the last example is whole.
            skipped.add(new Skipped(name(shard, key), "its shard is cut off: " + e.getMessage()));
        } catch (IOException e) {
            skipped.add(new Skipped(name(shard, key), "its shard is broken: " + e.getMessage()));
        }
    }

    private static String name(Path shard, String key) {
        return shard.getFileName() + "/" + key;
    }

    private void add(Path shard, String key, Map<String, TarReader.Member> group) {
        group.keySet().stream().filter(PICTURES::contains).findFirst().ifPresent(extension -> {
            TarReader.Member picture = group.remove(extension);
            entries.add(new Entry(
                    name(shard, key) + "." + extension,
                    shards.size() - 1,
                    picture,
                    group.get("txt"),
                    group.get("json")));
        });
    }

    @Override
    public int size() {
        return entries.size();
    }

    @Override
    public String name(int index) {
        return entries.get(index).name;
    }

    @Override
    public List<Skipped> skipped() {
        return List.copyOf(skipped);
    }

    @Override
    public Encoded encoded(int index) {
        Entry entry = entries.get(index);
        return UnreadableExampleException.naming(
                entry.name, () -> new Encoded(entry.name, read(entry, entry.picture), captions(entry)));
    }

    private List<String> captions(Entry entry) {
        if (entry.text != null) {
            return new String(read(entry, entry.text), StandardCharsets.UTF_8)
                    .lines()
                    .map(String::strip)
                    .filter(t -> !t.isEmpty())
                    .toList();
        }
        if (entry.json == null) {
            return List.of();
        }
        try {
            JsonNode json = Json.parse(new String(read(entry, entry.json), StandardCharsets.UTF_8));
            return FolderDataset.texts(json.path(field));
        } catch (JacksonException e) {
            throw new UnreadableExampleException(entry.name, "its .json is not JSON: " + e.getOriginalMessage());
        }
    }

    private byte[] read(Entry entry, TarReader.Member member) {
        if (member.size() > MAX_MEMBER) {
            throw new UnreadableExampleException(
                    entry.name, "has %d bytes, the most is %d".formatted(member.size(), MAX_MEMBER));
        }
        ByteBuffer buffer = ByteBuffer.allocate((int) member.size());
        try {
            while (buffer.hasRemaining()) {
                if (shards.get(entry.shard).read(buffer, member.offset() + buffer.position()) < 0) {
                    throw new EOFException("the shard became shorter");
                }
            }
        } catch (IOException e) {
            throw new UnreadableExampleException(entry.name, "cannot be read: " + e.getMessage());
        }
        return buffer.array();
    }

    @Override
    public void close() {
        for (FileChannel shard : shards) {
            try {
                shard.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
