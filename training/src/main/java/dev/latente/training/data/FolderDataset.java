package dev.latente.training.data;

import dev.latente.image.PictureFiles;
import dev.latente.pipelines.Size;
import dev.latente.weights.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Pictures in folders. Captions are in {@code metadata.jsonl}, as in the image folders of Hugging Face's datasets, a line
 * {@code {"file_name": "a.png", "text": "a cat"}} for each picture, with its path from there; or else in a {@code .txt} beside the
 * picture, one in each line. Where there is a {@code metadata.jsonl} in the topmost folder, only what it names belongs to the
 * dataset. Thread-safe.
 */
public final class FolderDataset implements EncodedDataset {
    private static final String METADATA = "metadata.jsonl";
    private static final Set<String> PICTURES = Set.of("png", "jpg", "jpeg", "webp", "bmp", "gif");

    private final Path folder;
    private final List<Entry> entries;

    private record Entry(String name, List<String> captions) {}

    private FolderDataset(Path folder, List<Entry> entries) {
        this.folder = folder;
        this.entries = entries;
    }

    /** As {@link #open(Path, String)} with captions in {@code text}. */
    public static FolderDataset open(Path folder) {
        return open(folder, "text");
    }

    /**
     * Lists a folder and all below it, in the order of the names.
     *
     * @param column of {@code metadata.jsonl} that has the caption, a string or a list of them
     * @throws IllegalArgumentException if the folder is not there, has no pictures, or its metadata is malformed
     */
    public static FolderDataset open(Path folder, String column) {
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException("%s: there is no such folder of pictures".formatted(folder));
        }
        Map<String, List<String>> captions = new TreeMap<>();
        Map<String, List<String>> pictures = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                if (file.getFileName().toString().equals(METADATA)) {
                    captions.putAll(metadata(folder, file, column));
                } else if (PICTURES.contains(extension(file))) {
                    pictures.put(relative(folder, file), List.of());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("%s: cannot be listed: %s".formatted(folder, e.getMessage()), e);
        }
        if (Files.exists(folder.resolve(METADATA))) {
            pictures = captions;
        } else {
            pictures.putAll(captions);
        }
        if (pictures.isEmpty()) {
            throw new IllegalArgumentException(
                    "%s: has no pictures: wanted PNG, JPEG, WebP, BMP or GIF".formatted(folder));
        }
        return new FolderDataset(
                folder,
                pictures.entrySet().stream()
                        .map(e -> new Entry(e.getKey(), e.getValue()))
                        .toList());
    }

    private static Map<String, List<String>> metadata(Path folder, Path file, String column) throws IOException {
        Map<String, List<String>> out = new TreeMap<>();
        Path root = folder.normalize();
        int number = 0;
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            JsonNode json = parse(file, number, line);
            String name = json.path("file_name").asString();
            if (Path.of(name).isAbsolute()) {
                throw malformed(file, number, "file_name [%s] is absolute, wanted a relative one".formatted(name));
            }
            Path picture = file.resolveSibling(name).normalize();
            out.put(relative(root, picture), texts(json.path(column)));
        }
        return out;
    }

    private static JsonNode parse(Path file, int number, String line) {
        try {
            JsonNode json = Json.parse(line);
            if (!json.path("file_name").isString()) {
                throw malformed(file, number, "got no file_name, wanted {\"file_name\": …, \"text\": …}");
            }
            return json;
        } catch (JacksonException e) {
            throw malformed(file, number, "is not JSON: " + e.getOriginalMessage());
        }
    }

    /** A text, a list of texts, or nothing. */
    static List<String> texts(JsonNode node) {
        Stream<JsonNode> all = node.isArray() ? node.valueStream() : Stream.of(node);
        return all.filter(JsonNode::isString)
                .map(n -> n.asString().strip())
                .filter(t -> !t.isEmpty())
                .toList();
    }

    private static IllegalArgumentException malformed(Path file, int line, String what) {
        return new IllegalArgumentException("%s: line %d: %s".formatted(file, line, what));
    }

    private static String relative(Path folder, Path file) {
        return folder.relativize(file).toString().replace('\\', '/');
    }

    private static String extension(Path file) {
        String name = file.getFileName().toString();
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }

    @Override
    public int size() {
        return entries.size();
    }

    @Override
    public String name(int index) {
        return entries.get(index).name;
    }

    /** Where an example's picture is. */
    public Path file(int index) {
        return folder.resolve(name(index));
    }

    @Override
    public Size pictureSize(int index) {
        String name = name(index);
        return UnreadableExampleException.naming(name, () -> Encoded.size(PictureFiles.size(file(index))));
    }

    @Override
    public Encoded encoded(int index) {
        Path file = file(index);
        try {
            return new Encoded(name(index), Files.readAllBytes(file), captions(index));
        } catch (IOException e) {
            throw new UnreadableExampleException(name(index), "cannot be read: " + e.getMessage());
        }
    }

    private List<String> captions(int index) throws IOException {
        Entry entry = entries.get(index);
        Path text = folder.resolve(entry.name.replaceFirst("\\.[^./]*$", ".txt"));
        if (!entry.captions.isEmpty() || !Files.exists(text)) {
            return entry.captions;
        }
        return Files.readString(text, StandardCharsets.UTF_8)
                .lines()
                .map(String::strip)
                .filter(t -> !t.isEmpty())
                .toList();
    }
}
