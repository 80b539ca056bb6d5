package dev.latente.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.latente.weights.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class BenchCommandTest {
    @Test
    void measuresAStoredCheckpoint(@TempDir Path folder) {
        JsonNode result = Json.parse(
                run("--arch", "tiny", "--write", folder.toString(), "--steps", "1", "--repeat", "1", "--json"));
        List<String> names = new ArrayList<>();
        Map<String, JsonNode> kinds = new LinkedHashMap<>();
        result.path("measurements").forEach(entry -> {
            names.add(entry.path("name").asString());
            assertThat(entry.path("medianSeconds").asDouble()).isPositive();
            if (entry.has("kinds")) {
                kinds.put(entry.path("name").asString(), entry.path("kinds"));
            }
        });
        assertThat(names)
                .containsExactly(
                        "memory copy",
                        "peak conv bf16",
                        "peak matmul bf16",
                        "peak conv f32",
                        "peak matmul f32",
                        "load",
                        "text encoder",
                        "unet step",
                        "vae encode",
                        "vae decode",
                        "picture",
                        "peak conv f32",
                        "peak matmul f32");
        assertThat(kinds).containsOnlyKeys("text encoder", "unet step", "vae decode");
        kinds.forEach((part, node) -> {
            assertThat(node.propertyNames())
                    .containsExactly(
                            "convolution",
                            "linear",
                            "self_attention",
                            "cross_attention",
                            "norm_activation",
                            "rest",
                            "jvm");
            double all = node.valueStream()
                    .mapToDouble(k -> k.path("time").asDouble())
                    .sum();
            assertThat(all).as("all shares of %s", part).isCloseTo(1, within(1e-9));
            node.forEach(kind -> assertThat(kind.path("time").asDouble()).isNotNegative());
        });
        assertThat(Objects.requireNonNull(kinds.get("unet step"))
                        .valueStream()
                        .map(k -> k.path("seconds").asDouble()))
                .allMatch(seconds -> seconds > 0);
        assertThat(result.path("peak").path("first").asDouble()).isPositive();
        assertThat(result.path("memory").path("peakDrawing").asLong()).isPositive();
    }

    @Test
    void printsTablesAndWritesATrace(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("trace.json");
        String out = run("--arch", "tiny", "--repeat", "2", "--dtype", "bf16", "--profile", file.toString());
        assertThat(out).contains("unet step", "self-attention", "JVM", "peak of the machine", "peak memory");
        JsonNode events = Json.parse(Files.readString(file)).path("traceEvents");
        List<JsonNode> parts = events.valueStream()
                .filter(e -> e.path("cat").asString("").equals("phase"))
                .toList();
        assertThat(parts)
                .extracting(e -> e.path("name").asString())
                .containsExactly("text encoder", "unet step", "vae decode");
        for (int i = 1; i < parts.size(); i++) {
            JsonNode before = parts.get(i - 1);
            assertThat(parts.get(i).path("ts").asDouble())
                    .as("begin after the end of the part before")
                    .isGreaterThanOrEqualTo(
                            before.path("ts").asDouble() + before.path("dur").asDouble());
        }
    }

    @Test
    void measuresATransformer(@TempDir Path folder) {
        for (List<String> stored : List.of(List.<String>of(), List.of("--write", folder.toString()))) {
            List<String> all =
                    new ArrayList<>(List.of("--arch", "tiny-sd3", "--repeat", "1", "--steps", "1", "--json"));
            all.addAll(stored);
            JsonNode result = Json.parse(run(all.toArray(new String[0])));
            assertThat(result.path("measurements").findValuesAsString("name"))
                    .contains("text encoder", "transformer step", "vae decode", "picture");
            assertThat(result.path("memory").path("weights").propertyNames()).contains("transformer", "text_encoder_3");
        }
        assertThat(run("--arch", "tiny-sd3", "--repeat", "1", "--grow", "--grow-sizes", "16"))
                .contains("transformer step");
    }

    /** Random weights cannot be read again: what does not fit is said before anything is made. */
    @Test
    void whatDoesNotFitIsOneLine() {
        StringWriter err = new StringWriter();
        int status = Main.commandLine()
                .setErr(new PrintWriter(err, true))
                .execute("bench", "--arch", "sd3", "--size", "16384x16384");
        assertThat(status).isNotZero();
        assertThat(err.toString().lines())
                .singleElement()
                .asString()
                .contains("--arch sd3, fp32: takes [", "GB] free: take");
    }

    @Test
    void saysHowCostGrows() {
        String[] all = {"--arch", "tiny", "--repeat", "1", "--grow", "--grow-sizes", "16,32", "--grow-batches", "1,2"};
        String table = run(all);
        // Two sizes, two batches, two counts of threads, two parts.
        assertThat(table.lines().filter(line -> line.matches("(unet step|vae decode) .*")))
                .hasSize(16);

        List<String> more = new ArrayList<>(List.of(all));
        more.addAll(List.of("--grow-threads", "1", "--grow-limit", "0.001", "--json"));
        JsonNode cells = Json.parse(run(more.toArray(new String[0])));
        assertThat(cells).hasSize(8);
        for (JsonNode cell : cells) {
            assertThat(cell.path("neededMemory").asLong())
                    .as("what was left out")
                    .isGreaterThan(1_000_000);
            assertThat(cell.has("medianSeconds")).isFalse();
        }
        // Decoding four times the pixels: convolutions grow with them, attention faster.
        double ratio = cells.path(5).path("flop").asDouble()
                / cells.path(1).path("flop").asDouble();
        assertThat(ratio).isBetween(4.0, 5.0);
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
