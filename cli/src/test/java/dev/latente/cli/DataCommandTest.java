package dev.latente.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import dev.latente.weights.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class DataCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    private int run(String... args) {
        CommandLine line = Main.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(args);
    }

    @Test
    void whatIsLeftOutIsReported() throws Exception {
        Path pictures = folder.resolve("in");
        PictureFiles.writePng(pictures.resolve("a.png"), Picture.filled(64, 64, 3, 90), Map.of());
        PictureFiles.writePng(pictures.resolve("b.png"), Picture.filled(64, 64, 3, 90), Map.of());
        PictureFiles.writePng(pictures.resolve("c.png"), Picture.filled(16, 16, 3, 200), Map.of());
        Files.writeString(pictures.resolve("a.txt"), "a gray square");
        String to = folder.resolve("out").toString();
        String[] args = {"data", pictures.toString(), "-o", to, "--duplicates", "4", "--min-side", "32", "--json"};
        assertThat(run(args)).as(err.toString()).isZero();
        assertThat(Json.parse(out.toString()).path("kept").asInt()).isEqualTo(1);
        assertThat(Files.readString(folder.resolve("out/metadata.jsonl")))
                .isEqualTo("{\"file_name\":\"../in/a.png\",\"text\":\"a gray square\"}\n");
        assertThat(folder.resolve("out/dropped.png")).isRegularFile();
        assertThat(run(args)).isEqualTo(Main.USAGE);
        assertThat(err.toString()).contains("--force");
    }

    @Test
    void wrongInputsSayWhatToDo() {
        assertThat(run("data", "nowhere", "-o", folder.toString())).isEqualTo(Main.USAGE);
        assertThat(err.toString()).contains("nowhere");
        assertThat(run("data", "x", "-o", folder.toString(), "--min-aesthetic", "5"))
                .isEqualTo(Main.USAGE);
        assertThat(err.toString()).contains("--aesthetic-model");
    }

    @Test
    void helpNamesEveryOptionWithItsMeaning() {
        CommandLine data =
                Objects.requireNonNull(Main.commandLine().getSubcommands().get("data"));
        for (var option : data.getCommandSpec().options()) {
            assertThat(option.description()).as(option.longestName()).isNotEmpty();
        }
    }
}
