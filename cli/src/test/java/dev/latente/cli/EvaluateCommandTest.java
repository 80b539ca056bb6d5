package dev.latente.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class EvaluateCommandTest {
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        CommandLine line = Main.commandLine();
        line.setErr(new PrintWriter(err, true));
        return line.execute(args);
    }

    @Test
    void wrongInputsSayWhatToDo() {
        assertThat(run("evaluate")).isEqualTo(Main.USAGE);
        assertThat(err.toString()).contains("--mundo");
        assertThat(run("evaluate", "--mundo", "--prompts", "0")).isEqualTo(Main.USAGE);
        assertThat(err.toString()).contains("--prompts");
        assertThat(run("evaluate", "--mundo", "--model", "./nowhere", "-q")).isEqualTo(Main.USAGE);
        assertThat(err.toString()).contains("./nowhere");
    }

    @Test
    void helpNamesEveryOptionWithItsMeaning() {
        CommandLine evaluate =
                Objects.requireNonNull(Main.commandLine().getSubcommands().get("evaluate"));
        for (var option : evaluate.getCommandSpec().options()) {
            assertThat(option.description()).as(option.longestName()).isNotEmpty();
        }
    }
}
