package dev.latente.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.bench.Architecture;
import dev.latente.image.PictureFiles;
import dev.latente.tensor.DType;
import dev.latente.weights.Json;
import dev.latente.weights.WeightSources;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

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
    void saysWhatMemoryItWillTakeAndWhereTheTimeGoes(@TempDir Path folder) throws IOException {
        Path model = folder.resolve("model");
        Architecture.TINY.checkpoint().write(model, WeightSources.random(0), DType.F16);
        Path trace = folder.resolve("trace.json");
        String[] all = {"generate", "a cat", "--model", model.toString(), "--steps", "2", "--size", "32"};
        List<String> args = new ArrayList<>(List.of(all));
        args.addAll(List.of("-o", folder.resolve("a.png").toString(), "--profile", trace.toString(), "--memory"));
        assertThat(run(args.toArray(new String[0]))).as(err.toString()).isZero();
        assertThat(err.toString()).contains("weights of unet, f32", "while drawing", "peak memory");

        JsonNode events = Json.parse(Files.readString(trace)).path("traceEvents");
        assertThat(events.valueStream()
                        .filter(e -> e.path("cat").asString("").equals("phase"))
                        .map(e -> e.path("name").asString()))
                .containsSubsequence("generate", "load", "text to image", "encode", "tokenize", "step", "step")
                .containsSubsequence("step", "decode", "write");

        args.add("--json");
        assertThat(run(args.toArray(new String[0]))).isZero();
        JsonNode memory = Json.parse(out.toString()).path("memory");
        assertThat(memory.path("drawing").asLong()).isPositive();
        assertThat(memory.path("peakDrawing").asLong()).isPositive();
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

    @Test
    void shortcutsOutOfRangeAreWrongInputs() {
        wrong("interval: got [0]", "--reuse", "0");
        wrong("branch: got [6], wanted 0 to 5", "--reuse", "2", "--reuse-branch", "6");
        wrong("--reuse and --reuse-threshold", "--reuse", "2", "--reuse-threshold", "0.1");
        wrong("--reuse-branch: needs", "--reuse-branch", "1");
        wrong("--reuse-center, --reuse-power: needs", "--reuse-center", "0.3");
        wrong("ratio of 0 to 0.75", "--merge-tokens", "0.9");
        wrong("--guidance-sigmas: got", "--guidance-sigmas", "3");
    }

    private void wrong(String message, String... options) {
        List<String> arguments = new ArrayList<>(List.of("generate", "a cat", "--model", "mundo"));
        arguments.addAll(List.of(options));
        err.getBuffer().setLength(0);
        assertThat(run(arguments.toArray(new String[0]))).isEqualTo(Main.USAGE);
        assertThat(err.toString()).contains(message).startsWith("error: ").hasLineCount(1);
    }

    @Test
    void shortcutsAreOptionsAndPartOfTheRecipe(@TempDir Path folder) {
        Path picture = folder.resolve("cat.png");
        String[] options = {
            "--steps=4", "--seed=1", "--reuse=2", "--reuse-power=2.0", "--merge-tokens=0.5", "--guidance-sigmas=0.5,5.0"
        };
        List<String> arguments = new ArrayList<>(List.of("generate", "a cat", "-m", "mundo", "-q"));
        arguments.addAll(List.of(options));
        arguments.addAll(List.of("-o", picture.toString()));
        assertThat(run(arguments.toArray(new String[0]))).as(err.toString()).isZero();
        assertThat(PictureFiles.text(picture).get("latente")).contains(options);
        Path again = folder.resolve("again.png");
        assertThat(run("generate", "--from", picture.toString(), "-q", "-o", again.toString()))
                .isZero();
        assertThat(PictureFiles.read(again)).isEqualTo(PictureFiles.read(picture));
    }
}
