package dev.latente.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.bench.Architecture;
import dev.latente.image.PictureFiles;
import dev.latente.mundo.DefaultModel;
import dev.latente.tensor.DType;
import dev.latente.weights.Json;
import dev.latente.weights.Safetensors;
import dev.latente.weights.TensorInfo;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Smaller copies of checkpoints: what is in them, that they draw, and what is said about them. */
class QuantizeCommandTest {
    private static final String UNET = "unet/diffusion_pytorch_model.safetensors";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final Path folder;

    QuantizeCommandTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    private JsonNode json(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--json");
        assertThat(run(all.toArray(new String[0]))).as(err.toString()).isZero();
        return Json.parse(out.toString());
    }

    private String tiny() {
        Path model = folder.resolve("tiny");
        Architecture.TINY.checkpoint().write(model, WeightSources.random(0), DType.F16);
        return model.toString();
    }

    private String target() {
        return folder.resolve("out").toString();
    }

    private TensorInfo stored(String file, String tensor) {
        try (Safetensors stored = Safetensors.open(folder.resolve("out").resolve(file))) {
            return Objects.requireNonNull(stored.tensors().get(tensor));
        }
    }

    /** The embedded model: what is small here, such as the table of tokens, is large beside its layers. */
    @Test
    void eightBitsAreHalfTheSize() throws IOException {
        JsonNode report = json("quantize", "--out", target(), "--no-loss");
        long before = 0;
        long after = 0;
        for (String file : List.of(UNET, "vae/diffusion_pytorch_model.safetensors", "text_encoder/model.safetensors")) {
            before += Files.size(DefaultModel.path().resolve(file));
            after += Files.size(folder.resolve("out").resolve(file));
        }
        assertThat((double) after / before).isBetween(0.5, 0.52);
        long planned = 0;
        for (JsonNode part : report.path("parts")) {
            planned += part.path("bytes").asLong();
            assertThat(part.path("weight_error").asDouble()).isBetween(0.002, 0.02);
        }
        assertThat(planned).isEqualTo(after);
        assertThat(stored(UNET, "conv_in.weight").dtype()).isEqualTo("F16");
        assertThat(stored(UNET, "conv_out.weight").dtype()).isEqualTo("F16");
        assertThat(stored("vae/diffusion_pytorch_model.safetensors", "decoder.conv_out.weight")
                        .dtype())
                .isEqualTo("F16");
        assertThat(stored(UNET, "down_blocks.0.resnets.0.conv1.weight").dtype()).isEqualTo("I8");
        assertThat(stored("text_encoder/model.safetensors", "text_model.embeddings.token_embedding.weight")
                        .dtype())
                .isEqualTo("F16");
    }

    @Test
    void theCopyDrawsAlmostTheSame() {
        Path picture = folder.resolve("both.png");
        JsonNode report = json("quantize", "--out", target(), "--steps", "8", "--picture", picture.toString());
        assertThat(report.path("output_error").asDouble()).isBetween(1e-4, 0.05);
        assertThat(report.path("psnr").asDouble()).isBetween(30.0, 80.0);
        assertThat(PictureFiles.read(picture).width()).isEqualTo(2 * 128);
        String cat = folder.resolve("cat.png").toString();
        assertThat(run("generate", "a cat", "--model", target(), "--steps", "1", "-o", cat))
                .as(err.toString())
                .isZero();
    }

    @Test
    void fourBitsArePacked() {
        JsonNode report = json("quantize", tiny(), "--out", target(), "--bits", "4", "--steps", "1");
        assertThat(report.path("output_error").asDouble()).isBetween(0.02, 1.0);
        TensorInfo weight = stored(UNET, "mid_block.resnets.0.conv1.weight");
        assertThat(weight.dtype()).isEqualTo("U8");
        assertThat(weight.shape().get(0)).isEqualTo(2 * weight.shape().get(1));
    }

    @Test
    void whatIsNamedIsKept() {
        json("quantize", tiny(), "--out", target(), "--no-loss", "--parts", "unet", "--keep", "mid_block.*,to_q");
        assertThat(stored(UNET, "mid_block.resnets.0.conv1.weight").dtype()).isEqualTo("F16");
        assertThat(stored(UNET, "conv_in.weight").dtype()).isEqualTo("I8");
        assertThat(stored("text_encoder/model.safetensors", "text_model.encoder.layers.0.mlp.fc1.weight")
                        .dtype())
                .isEqualTo("F16");
    }

    @Test
    void whatCostsMostIsKeptWhereItWasMeasured() {
        JsonNode report = json(
                "quantize", tiny(), "--out", target(), "--no-loss", "--parts", "unet", "--measure", "--budget", "75");
        double worst = 0;
        double worstKept = 0;
        int kept = 0;
        for (JsonNode layer : report.path("layers")) {
            double error = layer.path("output_error").asDouble();
            assertThat(error).as(layer.toString()).isPositive();
            worst = Math.max(worst, error);
            worstKept = Math.max(worstKept, layer.path("kept").asBoolean() ? error : 0);
            kept += layer.path("kept").asBoolean() ? 1 : 0;
        }
        assertThat(kept).isBetween(1, report.path("layers").size() - 1);
        assertThat(worstKept).isEqualTo(worst);
        assertThat(report.path("parts").path(0).path("share").asDouble()).isLessThanOrEqualTo(0.75);
    }

    @Test
    void theTableNamesThePartsAndTheLoss() {
        assertThat(run("quantize", tiny(), "--out", target(), "--steps", "1"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).contains("unet ", "vae ", "text_encoder ", "PSNR", "wrote " + target());
    }

    @Test
    void pruningLeavesZeros() {
        JsonNode report = json("prune", tiny(), "--out", target(), "--fraction", "0.25", "--steps", "1");
        JsonNode part = report.path("parts").path(0);
        assertThat(part.path("part").asString()).isEqualTo("unet");
        double share = part.path("zeros").asDouble() / part.path("weights").asDouble();
        assertThat(share).isBetween(0.25, 0.27);
        assertThat(report.path("output_error").asDouble()).isBetween(1e-3, 2.0);
        assertThat(stored(UNET, "conv_in.weight").dtype()).isEqualTo("F16");
    }

    @Test
    void pruningAllLayersTogetherLosesLess() {
        String model = tiny();
        double apart = json("prune", model, "--out", target(), "--steps", "1")
                .path("output_error")
                .asDouble();
        double together = json("prune", model, "--out", target(), "--force", "--global", "--steps", "1")
                .path("output_error")
                .asDouble();
        assertThat(together).isNotEqualTo(apart).isPositive();
        assertThat(run("prune", model, "--out", target())).isEqualTo(Main.USAGE);
        assertThat(err.toString()).contains("--force");
    }

    @ParameterizedTest
    @CsvSource({
        "quantize --bits 5, 'bits: got [5], wanted 8 or 4'",
        "quantize --parts unet;judge, 'got [judge], the checkpoint has [text_encoder, unet, vae]'",
        "quantize --keep nothing, '--keep: [nothing] names no layer'",
        "quantize --measure --parts vae, '--measure measures the U-Net'",
        "quantize --budget 40, '--budget: got [40.0] %, the least that 8 bits take here is 51.'",
        "quantize --no-loss --picture x.png, '--picture and --no-loss'",
        "prune --fraction 1, 'fraction: got [1.0]'"
    })
    void wrongOptionsAreOneLine(String options, String message) {
        List<String> all = new ArrayList<>(List.of(options.replace(';', ',').split(" ", -1)));
        all.addAll(List.of("--out", target()));
        assertThat(run(all.toArray(new String[0]))).isEqualTo(Main.USAGE);
        assertThat(err.toString()).contains(message);
        assertThat(err.toString().strip().lines()).hasSize(1);
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void theCheckpointItselfIsNotWrittenOver() {
        String model = tiny();
        assertThat(run("quantize", model, "--out", model, "--force")).isEqualTo(Main.USAGE);
        assertThat(err.toString()).contains(model);
    }
}
