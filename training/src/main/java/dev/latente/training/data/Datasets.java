package dev.latente.training.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Opens whatever a name means: a folder of pictures, WebDataset shards, or Parquet files. */
public final class Datasets {
    private Datasets() {}

    /**
     * Opens a dataset.
     *
     * @param source a folder of pictures, of {@code .tar} or of {@code .parquet} files; or such files, several as
     *     {@code {00000..00012}.tar}
     * @param image column of the pictures in Parquet files
     * @param caption column or field of the caption; null for what is usual: {@code caption} in WebDataset, else {@code text}
     * @param cache where Parquet files are unpacked to
     */
    public static EncodedDataset open(String source, String image, @Nullable String caption, Path cache) {
        if (holds(source, ".tar")) {
            return WebDataset.open(source, caption == null ? "caption" : caption);
        }
        String column = caption == null ? "text" : caption;
        return holds(source, ".parquet")
                ? ParquetDataset.open(source, new ParquetDataset.Columns(image, column), cache)
                : FolderDataset.open(Path.of(source), column);
    }

    private static boolean holds(String source, String extension) {
        if (source.endsWith(extension) || !Files.isDirectory(Path.of(source))) {
            return source.endsWith(extension);
        }
        try (Stream<Path> files = Files.list(Path.of(source))) {
            return files.anyMatch(f -> f.toString().endsWith(extension));
        } catch (IOException e) {
            throw new UncheckedIOException("%s: cannot be listed: %s".formatted(source, e.getMessage()), e);
        }
    }
}
