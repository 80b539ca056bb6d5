package dev.latente.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.image.PictureFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardsTest {
    private static final byte[] PNG = PictureFiles.png(LoaderTest.gradient(20, 10), Map.of());

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] tar(Object... namesAndContents) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        TarWriter writer = new TarWriter(out);
        for (int i = 0; i < namesAndContents.length; i += 2) {
            writer.add((String) namesAndContents[i], (byte[]) namesAndContents[i + 1]);
        }
        writer.finish();
        return out.toByteArray();
    }

    @Test
    void bracesExpand() {
        assertThat(Braces.expand("a/{08..11}.tar")).containsExactly("a/08.tar", "a/09.tar", "a/10.tar", "a/11.tar");
        assertThat(Braces.expand("{x,y}{1..2}")).containsExactly("x1", "x2", "y1", "y2");
        assertThat(Braces.expand("plain.tar")).containsExactly("plain.tar");
        assertThatThrownBy(() -> Braces.expand("{5..1}")).hasMessageContaining("{5..1}");
    }

    @Test
    void membersOfOneNameAreAnExample() throws IOException {
        Files.write(
                folder.resolve("00.tar"),
                tar(
                        "a/1.png",
                        PNG,
                        "a/1.txt",
                        utf8("one"),
                        "readme.md",
                        utf8("x"),
                        "ñ 鳥.json",
                        utf8("{\"caption\":[\"b\",\"c\"]}"),
                        "ñ 鳥.PNG",
                        PNG));
        Files.write(folder.resolve("01.tar"), tar("2.png", PNG, "2.json", utf8("nonsense"), "3.png", PNG));
        try (WebDataset data = WebDataset.open(folder + "/{00..01}.tar")) {
            assertThat(data.size()).isEqualTo(4);
            assertThat(data.get(0).captions()).containsExactly("one");
            assertThat(data.name(0)).isEqualTo("00.tar/a/1.png");
            assertThat(data.get(1).captions()).containsExactly("b", "c");
            assertThat(data.get(1).picture()).isEqualTo(LoaderTest.gradient(20, 10));
            assertThat(data.pictureSize(3)).hasToString("20x10");
            assertThatThrownBy(() -> data.get(2))
                    .isInstanceOf(UnreadableExampleException.class)
                    .hasMessageContaining("not JSON");
            assertThat(data.skipped()).isEmpty();
        }
    }

    @Test
    void ofATruncatedShardTheWholeExamplesAreUsed() throws IOException {
        byte[] whole = tar("1.png", PNG, "1.txt", utf8("one"), "2.png", PNG, "2.txt", utf8("two"));
        for (int cut = 1; cut < whole.length; cut += 97) {
            Path shard = Files.write(folder.resolve("cut.tar"), Arrays.copyOf(whole, cut));
            try (WebDataset data = WebDataset.open(shard.toString())) {
                assertThat(data.get(0).captions()).containsExactly("one");
                assertThat(data.skipped()).hasSizeLessThanOrEqualTo(1);
                assertThat(data.size() + data.skipped().size()).isEqualTo(2);
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageContaining("cut off");
                // The second example has to begin before the first is known to be whole.
                assertThat(cut).isLessThan(5 * 512 + PNG.length);
            }
        }
    }

    @Test
    void whatIsNoTarIsRefused() throws IOException {
        Path shard = Files.write(folder.resolve("x.tar"), new byte[] {31, (byte) 139, 8, 0});
        assertThatThrownBy(() -> WebDataset.open(shard.toString())).hasMessageContaining("no pictures");
        assertThatThrownBy(() -> WebDataset.open(folder + "/{0..1}.tar")).hasMessageContaining("no such shard");
        byte[] noise = new byte[4096];
        new java.util.Random(1).nextBytes(noise);
        Files.write(shard, noise);
        assertThatThrownBy(() -> WebDataset.open(shard.toString())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void archivesOfTarItselfAreRead() throws IOException {
        String name = "long/".repeat(40) + "x.png";
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        TarWriter writer = new TarWriter(out);
        // A pax header, as Python's tarfile writes it, then the member under a shortened name.
        String record = " path=" + name + "\n";
        writer.add("PaxHeader", utf8((record.length() + 3) + record));
        writer.add("short", PNG);
        writer.finish();
        byte[] bytes = out.toByteArray();
        bytes[156] = 'x';
        int sum = 0;
        for (int i = 0; i < 512; i++) {
            sum += i >= 148 && i < 156 ? ' ' : bytes[i] & 255;
        }
        System.arraycopy(utf8("%06o\0 ".formatted(sum)), 0, bytes, 148, 8);
        Path shard = Files.write(folder.resolve("pax.tar"), bytes);
        try (WebDataset data = WebDataset.open(shard.toString())) {
            assertThat(data.name(0)).isEqualTo("pax.tar/" + name);
            assertThat(data.get(0).picture().width()).isEqualTo(20);
        }
    }

    @Test
    void parquetIsUnpackedOnce() throws IOException, SQLException {
        Path file = folder.resolve("it's.parquet");
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement()) {
            statement.execute(
                    "CREATE TABLE t (image STRUCT(bytes BLOB, path VARCHAR), text VARCHAR, many VARCHAR[], raw BLOB)");
            try (PreparedStatement insert = duckdb.prepareStatement(
                    "INSERT INTO t VALUES ({'bytes': ?::BLOB, 'path': 'x'}, ?, ['p', 'q'], ?::BLOB)")) {
                for (int i = 0; i < 3; i++) {
                    insert.setBytes(1, PNG);
                    insert.setString(2, "caption\nnumber " + i);
                    insert.setBytes(3, PNG);
                    insert.execute();
                }
            }
            statement.execute("INSERT INTO t VALUES (NULL, 'nothing', NULL, NULL)");
            statement.execute("COPY t TO '" + file.toString().replace("'", "''") + "' (FORMAT parquet)");
        }
        Path cache = folder.resolve("cache");
        for (int i = 0; i < 2; i++) {
            try (WebDataset data = ParquetDataset.open(file.toString(), ParquetDataset.Columns.DEFAULT, cache)) {
                assertThat(data.size()).isEqualTo(4);
                assertThat(data.get(2).captions()).containsExactly("caption number 2");
                assertThat(data.get(2).picture()).isEqualTo(LoaderTest.gradient(20, 10));
                assertThatThrownBy(() -> data.get(3)).isInstanceOf(UnreadableExampleException.class);
            }
            try (var files = Files.list(cache)) {
                assertThat(files).hasSize(1);
            }
        }
        try (WebDataset data =
                ParquetDataset.open(folder.toString(), new ParquetDataset.Columns("raw", "many"), cache)) {
            assertThat(data.get(0).captions()).isEqualTo(List.of("p", "q"));
        }
        assertThatThrownBy(() -> ParquetDataset.open(file.toString(), new ParquetDataset.Columns("img", "text"), cache))
                .hasMessageContaining("[img]")
                .hasMessageContaining("raw");
        assertThatThrownBy(
                        () -> ParquetDataset.open(file.toString(), new ParquetDataset.Columns("text", "text"), cache))
                .hasMessageContaining("VARCHAR");
    }
}
