package dev.latente.training.data;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Pictures in Parquet files, as the Hub has them: a column of picture bytes, or of {@code {bytes, path}}, and one of captions.
 * Rows cannot be reached one by one, so that the files are unpacked once, by DuckDB, into a tar of a cache folder, which is
 * then read as a {@link WebDataset}. DuckDB is large and not everybody's need: a program adds {@code org.duckdb:duckdb_jdbc}.
 */
public final class ParquetDataset {
    private static final String DRIVER = "jdbc:duckdb:";

    private ParquetDataset() {}

    /**
     * The columns of an example.
     *
     * @param image name of the column of pictures: a BLOB, or a STRUCT with a BLOB {@code bytes}
     * @param caption name of the column of captions: a text or a list of texts
     */
    public record Columns(String image, String caption) {
        public static final Columns DEFAULT = new Columns("image", "text");
    }

    /**
     * Opens Parquet files, unpacked before or now.
     *
     * @param files a folder of {@code .parquet} files, one of them, or several as {@code train-{00000..00012}.parquet}
     * @param cache the folder for what is unpacked; it needs as much space as the pictures
     * @throws IllegalArgumentException if a file or a column is not there, or DuckDB is not
     */
    public static WebDataset open(String files, Columns columns, Path cache) {
        try {
            List<Path> paths = list(files);
            Path tar = cache.resolve(key(paths, columns) + ".tar");
            if (!Files.exists(tar)) {
                Files.createDirectories(cache);
                unpack(paths, columns, tar);
            }
            return WebDataset.open(tar.toString());
        } catch (IOException e) {
            throw new UncheckedIOException("%s: cannot be unpacked: %s".formatted(files, e.getMessage()), e);
        }
    }

    private static List<Path> list(String files) throws IOException {
        List<Path> paths;
        if (Files.isDirectory(Path.of(files))) {
            try (Stream<Path> all = Files.list(Path.of(files))) {
                paths = all.filter(f -> f.toString().endsWith(".parquet"))
                        .sorted()
                        .toList();
            }
        } else {
            paths = Braces.expand(files).stream().map(Path::of).toList();
        }
        for (Path path : paths) {
            if (!Files.isRegularFile(path)) {
                throw new IllegalArgumentException("%s: there is no such Parquet file".formatted(path));
            }
        }
        if (paths.isEmpty()) {
            throw new IllegalArgumentException("%s: has no .parquet files".formatted(files));
        }
        return paths;
    }

    /** Files that were changed are unpacked again. */
    private static String key(List<Path> paths, Columns columns) throws IOException {
        List<Object> parts = new ArrayList<>(List.of(columns));
        for (Path path : paths) {
            parts.add(path.toAbsolutePath() + " " + Files.size(path) + " " + Files.getLastModifiedTime(path));
        }
        return TensorCache.key(parts.toArray());
    }

    private static void unpack(List<Path> paths, Columns columns, Path tar) throws IOException {
        Path temporary = Files.createTempFile(tar.toAbsolutePath().getParent(), ".unpacking", ".tar");
        try (Connection duckdb = connect();
                Statement statement = duckdb.createStatement()) {
            String source = paths.stream()
                    .map(p -> "'" + p.toString().replace("'", "''") + "'")
                    .collect(Collectors.joining(", ", "read_parquet([", "])"));
            String sql = select(types(statement, source), columns, paths.get(0)) + " FROM " + source;
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE);
                    OutputStream out = Channels.newOutputStream(channel)) {
                TarWriter writer = new TarWriter(out);
                copy(statement, sql, writer);
                writer.finish();
                channel.force(true);
            }
            Files.move(temporary, tar, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (SQLException e) {
            throw new IllegalArgumentException(
                    "%s: DuckDB cannot read it: %s".formatted(paths.get(0), e.getMessage()), e);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static Connection connect() throws SQLException {
        try {
            DriverManager.getDriver(DRIVER);
        } catch (SQLException e) {
            throw new IllegalArgumentException(
                    "Parquet files are read with DuckDB, which is not there: add org.duckdb:duckdb_jdbc to the class path",
                    e);
        }
        Properties properties = new Properties();
        properties.setProperty("jdbc_stream_results", "true");
        return DriverManager.getConnection(DRIVER, properties);
    }

    private static Map<String, String> types(Statement statement, String source) throws SQLException {
        Map<String, String> types = new LinkedHashMap<>();
        try (ResultSet rows = statement.executeQuery("DESCRIBE SELECT * FROM " + source)) {
            while (rows.next()) {
                types.put(rows.getString("column_name"), rows.getString("column_type"));
            }
        }
        return types;
    }

    private static String select(Map<String, String> types, Columns columns, Path file) {
        for (String column : List.of(columns.image, columns.caption)) {
            if (!types.containsKey(column)) {
                throw new IllegalArgumentException(
                        "%s: has no column [%s], its columns are %s".formatted(file, column, types.keySet()));
            }
        }
        String type = Objects.requireNonNull(types.get(columns.image));
        String image = quoted(columns.image);
        if (type.startsWith("STRUCT(") && type.contains("bytes")) {
            image += ".bytes";
        } else if (!type.equals("BLOB")) {
            throw new IllegalArgumentException(
                    "%s: column [%s] is [%s], wanted the bytes of pictures: BLOB or STRUCT(bytes BLOB, …)"
                            .formatted(file, columns.image, type));
        }
        return "SELECT " + image + ", " + quoted(columns.caption);
    }

    private static String quoted(String column) {
        return '"' + column.replace("\"", "\"\"") + '"';
    }

    private static void copy(Statement statement, String sql, TarWriter writer) throws SQLException, IOException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            for (int row = 0; rows.next(); row++) {
                byte[] picture = rows.getBytes(1);
                // A row without a picture stays, so that it is reported like any other that cannot be read.
                byte[] bytes = picture == null ? new byte[0] : picture;
                String key = "%09d".formatted(row);
                writer.add(key + "." + extension(bytes), bytes);
                writer.add(key + ".txt", captions(rows.getObject(2)).getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    /** One in each line. */
    private static String captions(@Nullable Object value) throws SQLException {
        Object[] texts = value instanceof Array list ? (Object[]) list.getArray() : new Object[] {value};
        return Stream.of(texts)
                .filter(Objects::nonNull)
                .map(t -> t.toString().strip().replaceAll("\\s+", " "))
                .collect(Collectors.joining("\n"));
    }

    private static String extension(byte[] bytes) {
        String head = new String(bytes, 0, Math.min(12, bytes.length), StandardCharsets.ISO_8859_1);
        return head.startsWith("\u00ff\u00d8")
                ? "jpg"
                : head.endsWith("WEBP") ? "webp" : head.startsWith("GIF8") ? "gif" : "png";
    }
}
