package dev.latente.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.bench.Architecture;
import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import dev.latente.pipelines.UntrainedCheckpoint;
import dev.latente.tensor.DType;
import dev.latente.weights.Json;
import dev.latente.weights.WeightSources;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The command that enlarges, and the options of {@code generate} that draw larger or further. */
class UpscaleCommandTest {
    private static final Path NET =
            Path.of("../core/src/test/resources/golden/upscale/srvgg_compact/model.safetensors");

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

    private Path picture(int width, int height) {
        byte[] data = new byte[width * height * 3];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) (i * 7);
        }
        Path file = folder.resolve("small.png");
        PictureFiles.writePng(file, new Picture(width, height, 3, data), Map.of());
        return file;
    }

    private Path plain() {
        Architecture.TINY.checkpoint().write(folder.resolve("plain"), WeightSources.random(0), DType.F16);
        return folder.resolve("plain");
    }

    /** One whose U-Net sees a small picture beside the latents, and is told how noisy that is. */
    private Path enlarging() {
        UntrainedCheckpoint tiny = Architecture.TINY.checkpoint();
        Map<String, JsonNode> configs = new HashMap<>(tiny.configs());
        configs.computeIfPresent(
                "unet",
                (part, config) ->
                        ((ObjectNode) config.deepCopy()).put("in_channels", 7).put("num_class_embeds", 100));
        new UntrainedCheckpoint(configs, tiny.scheduler())
                .write(folder.resolve("x4"), WeightSources.random(0), DType.F16);
        return folder.resolve("x4");
    }

    private Path target() {
        return folder.resolve("large.png");
    }

    @Test
    void everyOptionHasAMeaning() {
        CommandLine upscale =
                Objects.requireNonNull(Main.commandLine().getSubcommands().get("upscale"));
        upscale.getCommandSpec()
                .options()
                .forEach(o -> assertThat(o.description()).as(o.longestName()).isNotEmpty());
    }

    @Test
    void enlargesInTilesAndKeepsOpacity() {
        Path small = picture(20, 12);
        Picture alpha = Picture.filled(20, 12, 1, 255).paste(Picture.filled(10, 12, 1, 0), 0, 0);
        PictureFiles.writePng(small, PictureFiles.read(small), alpha, Map.of());
        String[] args = {"upscale", small.toString(), "-m", NET.toString(), "--tile", "8", "-o", target().toString()};
        assertThat(run(args)).as(err.toString()).isZero();
        assertThat(PictureFiles.read(target()).width()).isEqualTo(80);
        Picture large = Objects.requireNonNull(PictureFiles.alpha(target()));
        assertThat(large.height()).isEqualTo(48);
        assertThat(err.toString()).contains("80x48");
    }

    @Test
    void theSidesGrowAsAsked() {
        Path small = picture(20, 12);
        String[] args = {
            "upscale", small.toString(), "-m", NET.toString(), "--scale", "1.5", "--json", "-o", target().toString()
        };
        assertThat(run(args)).as(err.toString()).isZero();
        assertThat(PictureFiles.read(target()).width()).isEqualTo(30);
        assertThat(Json.parse(out.toString()).path("height").asInt()).isEqualTo(18);
        assertThat(PictureFiles.alpha(target())).isNull();
    }

    @Test
    void anUpscalerThatDrawsTakesAText() {
        Path model = enlarging();
        List<String> args = new ArrayList<>(List.of("upscale", picture(8, 8).toString(), "-m", model.toString()));
        args.addAll(List.of("--prompt", "a cat", "--noise-level", "9", "--steps", "2", "-o", target().toString()));
        assertThat(run(args.toArray(new String[0]))).as(err.toString()).isZero();
        assertThat(PictureFiles.read(target()).width()).isEqualTo(32);
    }

    @Test
    void aWrongInputIsOneLine() {
        String small = picture(8, 8).toString();
        assertThat(run("upscale", small)).isEqualTo(Main.USAGE);
        assertThat(err.toString()).contains("no upscaler: give one with --model");
        assertThat(run("upscale", small, "-m", NET.toString(), "--scale", "99")).isEqualTo(Main.USAGE);
        assertThat(run("upscale", folder + "/none.png", "-m", NET.toString())).isEqualTo(Main.USAGE);
        String plain = plain().toString();
        assertThat(run("upscale", small, "-m", plain)).isEqualTo(Main.USAGE);
        assertThat(err.toString()).contains("this checkpoint is no upscaler");
    }

    @Test
    void drawsInWindowsWithRegionsAndRefinesStepByStep() {
        Path model = plain();
        List<String> args = new ArrayList<>(List.of("generate", "a hill", "-m", model.toString(), "--size", "64x32"));
        args.addAll(List.of("--tiled-diffusion", "--region", "0,0,32,32: a cat", "--steps", "3", "--seed", "4"));
        args.addAll(List.of("--then", "a sea", "--then", "a moon", "--json", "-o", target().toString()));
        assertThat(run(args.toArray(new String[0]))).as(err.toString()).isZero();
        var chain = Json.parse(out.toString()).path("pictures").path(0).path("chain");
        assertThat(chain.size()).isEqualTo(2);
        assertThat(chain.path(1).path("prompt").asString()).isEqualTo("a moon");
        assertThat(chain.path(1).path("ssim").asDouble()).isBetween(-1.0, 1.0);
        assertThat(Json.parse(Objects.requireNonNull(PictureFiles.text(target()).get("chain"))))
                .isEqualTo(chain);
        Path again = folder.resolve("again.png");
        assertThat(run("generate", "--from", target().toString(), "-q", "-o", again.toString()))
                .isZero();
        assertThat(PictureFiles.read(again)).isEqualTo(PictureFiles.read(target()));
    }

    @Test
    void drawsASecondTimeOverWhatANetworkEnlarged() {
        Path model = plain();
        List<String> args = new ArrayList<>(List.of("generate", "a hill", "-m", model.toString(), "--steps", "2"));
        args.addAll(List.of("--seed", "4", "--hires", "2", "-q"));
        List<String> enlarged = new ArrayList<>(args);
        enlarged.addAll(List.of("--hires-upscaler", NET.toString(), "-o", target().toString()));
        assertThat(run(enlarged.toArray(new String[0]))).as(err.toString()).isZero();
        args.addAll(List.of("-o", folder.resolve("lanczos.png").toString()));
        assertThat(run(args.toArray(new String[0]))).isZero();
        Picture large = PictureFiles.read(target());
        assertThat(large.width()).isEqualTo(64);
        assertThat(large).isNotEqualTo(PictureFiles.read(folder.resolve("lanczos.png")));
    }

    @Test
    void paintsAroundAPicture() {
        Path model = plain();
        Path small = picture(32, 32);
        List<String> args = new ArrayList<>(List.of("generate", "a hill", "-m", model.toString(), "--steps", "2"));
        args.addAll(List.of("--outpaint", "0,0,32,16", "-o", target().toString()));
        assertThat(run(args.toArray(new String[0]))).isEqualTo(Main.USAGE);
        assertThat(err.toString()).contains("need a picture: give it with --init");
        args.addAll(List.of("--init", small.toString()));
        assertThat(run(args.toArray(new String[0]))).as(err.toString()).isZero();
        assertThat(PictureFiles.read(target()).width()).isEqualTo(64);
        assertThat(PictureFiles.read(target()).height()).isEqualTo(48);
    }
}
