package dev.latente.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.weights.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchCommandTest {
    @Test
    void measuresAStoredCheckpoint(@TempDir Path folder) {
        String out = run("--arch", "tiny", "--write", folder.toString(), "--steps", "1", "--repeat", "1", "--json");
        List<String> names = new ArrayList<>();
        Json.parse(out).forEach(entry -> {
            names.add(entry.path("name").asString());
            assertThat(entry.path("medianSeconds").asDouble()).isPositive();
        });
        assertThat(names)
                .contains("peak conv f32", "peak conv bf16", "memory copy", "load")
                .endsWith("text encoder", "unet step", "vae encode", "vae decode", "picture");
    }

    @Test
    void measuresRandomWeights() {
        assertThat(run("--arch", "tiny", "--repeat", "1", "--dtype", "bf16")).contains("unet step", "GB");
    }

    @Test
    void saysWhatMemoryDoes(@TempDir Path folder) {
        assertThat(run("--arch", "tiny", "--write", folder.toString(), "--soak", "2"))
                .contains("MB", "picture 200");
    }

    private static String run(String... arguments) {
        List<String> all = new ArrayList<>(List.of("bench", "--device", "cpu"));
        all.addAll(List.of(arguments));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all.toArray(new String[0]));
        assertThat(err.toString()).isEmpty();
        assertThat(status).isZero();
        return out.toString();
    }
}
