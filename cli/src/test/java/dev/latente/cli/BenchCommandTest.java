package dev.latente.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.weights.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

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

    @Test
    void saysHowFastAUNetLearns(@TempDir Path folder) throws IOException {
        Path config = Files.writeString(folder.resolve("config.json"), """
                {"sample_size": 8, "block_out_channels": [8, 16], "layers_per_block": 1, "cross_attention_dim": 12,
                 "attention_head_dim": 2, "norm_num_groups": 4, "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"],
                 "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"]}
                """);
        String[] all = {"--train", config.toString(), "--steps", "2", "--batch", "4", "--workers", "2"};
        JsonNode result = Json.parse(run(all));
        assertThat(result.path("images_per_second").asDouble()).isPositive();
        assertThat(result.path("workers").asInt()).isEqualTo(2);
    }

    @Test
    void saysWhatShortcutsAreWorth(@TempDir Path folder) {
        String[] all = {"--arch", "tiny", "--write", folder.toString(), "--steps", "4", "--repeat", "1", "--reuse", "2"
        };
        assertThat(run(all)).contains("times as fast", "dB");
        JsonNode same = Json.parse(
                run("--model", folder.toString(), "--repeat", "1", "--steps", "2", "--json", "--reuse", "1"));
        assertThat(same.path("speed_up").asDouble()).isPositive();
        assertThat(same.path("psnr").isNull()).isTrue();
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
