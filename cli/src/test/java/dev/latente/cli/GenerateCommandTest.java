package dev.latente.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.image.PictureFiles;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What the command says and returns where nothing is drawn. */
class GenerateCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        CommandLine line = Main.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(args);
    }

    @Test
    void helpNamesEveryOptionWithItsMeaning() {
        assertThat(run("generate", "--help")).isZero();
        assertThat(out.toString()).contains("--sampler", "dpmpp_2m", "--guidance", "--from");
        CommandLine generate =
                Objects.requireNonNull(Main.commandLine().getSubcommands().get("generate"));
        for (var option : generate.getCommandSpec().options()) {
            assertThat(option.description()).as(option.longestName()).isNotEmpty();
        }
    }

    @Test
    void aMissingPromptIsAWrongInput() {
        assertThat(run("generate", "--model", "x")).isEqualTo(Main.USAGE);
        assertThat(err.toString()).contains("no prompt");
    }

    @Test
    void withoutAModelTheOneThatComesAlongDraws(@TempDir Path folder) {
        Path picture = folder.resolve("cat.png");
        int status = run("generate", "a cat", "--model", "", "--steps", "2", "-o", picture.toString());
        assertThat(status).as(err.toString()).isZero();
        assertThat(PictureFiles.read(picture).width()).isEqualTo(128);
        assertThat(PictureFiles.text(picture).get("parameters")).contains("Model: mundo");
    }

    @Test
    void anUnknownModelIsNamed() {
        assertThat(run("generate", "a cat", "--model", "./nowhere")).isEqualTo(Main.USAGE);
        assertThat(err.toString()).contains("./nowhere");
    }

    @Test
    void aMaskNeedsItsPicture() {
        assertThat(run("generate", "a cat", "--model", "x", "--mask", "m.png")).isEqualTo(Main.USAGE);
        assertThat(err.toString()).contains("--init");
    }

    @Test
    void anUnknownOptionIsAWrongInput() {
        assertThat(run("generate", "a cat", "--stesp", "3")).isEqualTo(Main.USAGE);
        assertThat(err.toString()).contains("--stesp");
    }
}
