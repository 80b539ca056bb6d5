package dev.latente.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.bench.Architecture;
import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Rng;
import dev.latente.tensor.Scopes;
import dev.latente.weights.Json;
import dev.latente.weights.SafetensorsWriter;
import dev.latente.weights.WeightSources;
import dev.latente.weights.layout.CheckpointFiles;
import dev.latente.weights.lora.Lora;
import dev.latente.weights.lora.LoraConfig;
import dev.latente.weights.lora.LoraWriter;
import dev.latente.weights.lora.LowRank;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** LoRAs by name, in prompts and options, and what inspect says of adapters. */
class AdapterCommandTest {
    private static Path temp;
    private static Path model;
    private static Path lora;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void write(@TempDir Path given) {
        temp = given;
        model = temp.resolve("model");
        lora = temp.resolve("paint.safetensors");
        Architecture.TINY.checkpoint().write(model, WeightSources.random(0), DType.F16);
        try (CheckpointFiles files = CheckpointFiles.open(model);
                Arena arena = new Arena();
                Rng rng = new Rng(0)) {
            Map<String, LowRank> layers = new LinkedHashMap<>();
            LoraConfig.of(2)
                    .create(files.shapes("unet"), rng, Device.CPU, arena)
                    .layers()
                    .forEach((name, change) -> layers.put(
                            name, new LowRank(change.a(), arena.own(() -> rng.normal(Ops.shape(change.b()))), 2)));
            LoraWriter.of(Map.of("unet", new Lora(layers))).writeKohya(lora);
        }
    }

    private int run(String... args) {
        CommandLine line = Main.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(args);
    }

    private Picture drawn(String prompt, String... more) {
        Path file = temp.resolve("out.png");
        List<String> args = new ArrayList<>(List.of(
                "generate", prompt, "--model", model.toString(), "--steps", "2", "--size", "32", "--seed", "1", "-q"));
        args.addAll(List.of("-o", file.toString()));
        args.addAll(List.of(more));
        assertThat(run(args.toArray(new String[0]))).as(err.toString()).isZero();
        return PictureFiles.read(file);
    }

    @Test
    void aTagDrawsWhatTheOptionDoes() {
        String folder = "--lora-dir=" + temp;
        Picture plain = drawn("a cat");
        Picture expected = drawn("a cat", "--lora", lora + ":0.5");
        assertThat(expected).isNotEqualTo(plain);
        assertThat(drawn("a cat", "--lora", "paint:0.5", folder)).isEqualTo(expected);
        assertThat(drawn("a cat <lora:paint:0.5>", folder)).isEqualTo(expected);
        Path picture = temp.resolve("out.png");
        assertThat(PictureFiles.text(picture).get("parameters")).startsWith("a cat <lora:paint:0.5>");
        Path again = temp.resolve("again.png");
        assertThat(run("generate", "--from", picture.toString(), "-q", "-o", again.toString()))
                .as(err.toString())
                .isZero();
        assertThat(PictureFiles.read(again)).isEqualTo(expected);
    }

    @Test
    void aNameThatIsNotThereNamesThoseThatAreNear() {
        String folder = "--lora-dir=" + temp;
        assertThat(run("generate", "a <lora:paimt:1>", "--model", model.toString(), folder))
                .isEqualTo(Main.FAILURE);
        assertThat(err.toString()).hasLineCount(1).contains("[paimt]", "did you mean paint?");
    }

    @Test
    void inspectSaysWhatAnAdapterIs() {
        assertThat(run("inspect", "--json", lora.toString())).as(err.toString()).isZero();
        JsonNode report = Json.parse(out.toString());
        assertThat(report.path("adapter").asString()).isEqualTo("LoRA");
        assertThat(report.path("for").asString()).isEqualTo("SD1 or SD2");
        assertThat(report.path("rank").asString()).isEqualTo("2");
        assertThat(report.path("layers").path("unet attention").asInt()).isPositive();
        assertThat(report.has("problem")).isFalse();
    }

    @Test
    void inspectKnowsWordsAndNets() {
        assertThat(inspect("cat.safetensors", "emb_params", 3, 768))
                .containsSubsequence("adapter: textual inversion", "for: SD1", "word: cat", "text_encoder: 3 of 768");
        assertThat(inspect("net.safetensors", "controlnet_cond_embedding.conv_in.weight", 8, 3))
                .contains("adapter: ControlNet");
        assertThat(inspect(
                        "old.safetensors",
                        "control_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight",
                        8,
                        1024))
                .contains("adapter: ControlNet", "for: SD2");
    }

    private String inspect(String name, String key, long rows, long columns) {
        Path file = temp.resolve(name);
        Scopes.run(() -> SafetensorsWriter.of(Map.of(key, Ops.zeros(DType.F32, Device.CPU, rows, columns)))
                .write(file));
        assertThat(run("inspect", file.toString())).as(err.toString()).isZero();
        return out.toString();
    }
}
