package dev.latente.training.data.filter;

import dev.latente.image.PictureFiles;
import dev.latente.training.data.Encoded;
import dev.latente.training.data.EncodedDataset;
import dev.latente.training.data.FolderDataset;
import dev.latente.weights.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes what a filter left: {@code metadata.jsonl} for a {@link FolderDataset}, {@code report.md} and {@code report.json} of
 * what was dropped, and {@code dropped.png} to look at it.
 */
public final class FilteredSet {
    private FilteredSet() {}

    /**
     * Writes the folder.
     *
     * @param copy puts the pictures into the folder, so that nothing else is needed; else the metadata names them where they
     *     are, which is possible for a {@link FolderDataset} only
     */
    public static void write(EncodedDataset data, FilterReport report, Path folder, boolean copy) {
        if (!copy && !(data instanceof FolderDataset)) {
            throw new IllegalArgumentException(
                    "%s: pictures of tar and Parquet files are no files that could be named: copy them (--copy)"
                            .formatted(folder));
        }
        try {
            Files.createDirectories(folder);
            List<String> lines = new ArrayList<>();
            for (int index : report.kept()) {
                Encoded example = data.encoded(index);
                Map<String, Object> line = new LinkedHashMap<>();
                line.put("file_name", copy ? copied(example, folder) : named((FolderDataset) data, index, folder));
                line.put(
                        "text",
                        example.captions().size() == 1 ? example.captions().get(0) : example.captions());
                lines.add(Json.text(line));
            }
            Files.write(folder.resolve("metadata.jsonl"), lines, StandardCharsets.UTF_8);
            Files.writeString(folder.resolve("report.json"), Json.text(report.values()) + "\n");
            Files.writeString(folder.resolve("report.md"), report.markdown());
        } catch (IOException e) {
            throw new UncheckedIOException("%s: cannot be written: %s".formatted(folder, e.getMessage()), e);
        }
        PictureFiles.writePng(folder.resolve("dropped.png"), ContactSheet.draw(data, report), Map.of());
    }

    private static String named(FolderDataset data, int index, Path folder) {
        Path file = data.file(index).toAbsolutePath().normalize();
        return folder.toAbsolutePath().normalize().relativize(file).toString().replace('\\', '/');
    }

    private static String copied(Encoded example, Path folder) throws IOException {
        Path pictures = folder.resolve("pictures").normalize();
        Path target = pictures.resolve(example.name()).normalize();
        if (!target.startsWith(pictures)) {
            throw new IllegalArgumentException(
                    "%s: a picture of that name would be written outside of %s".formatted(example.name(), pictures));
        }
        Files.createDirectories(target.getParent());
        Files.write(target, example.bytes());
        return folder.normalize().relativize(target).toString().replace('\\', '/');
    }
}
