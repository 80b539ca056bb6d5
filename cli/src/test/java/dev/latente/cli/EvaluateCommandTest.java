package dev.latente.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
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
    void adaptersAreMeasuredOneAtATimeAndWhole() {
        assertSays("--controlnet", "--edges");
        assertSays("--controlnet", "--controlnet", "net");
        assertSays("--controlnet", "--control-canny", "1,2");
        assertSays("LOW,HIGH", "--edges", "--controlnet", "net", "--control-canny", "100");
        assertSays("--subject", "--word", "<amigo>");
        assertSays("--word", "--subject", "penguin");
        assertSays("--edges", "--edges", "--controlnet", "net", "--word", "<amigo>", "--subject", "penguin");
        assertSays("got [dog], wanted one of [astronaut, robot,", "--word", "a dog", "--subject", "dog");
    }

    private void assertSays(String message, String... args) {
        err.getBuffer().setLength(0);
        List<String> all = new ArrayList<>(List.of("evaluate", "--mundo", "--model", "./nowhere", "-q"));
        all.addAll(List.of(args));
        assertThat(run(all.toArray(new String[0]))).isEqualTo(Main.USAGE);
        assertThat(err.toString()).contains(message).doesNotContain("./nowhere");
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
