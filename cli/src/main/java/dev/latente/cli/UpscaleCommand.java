package dev.latente.cli;

import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import dev.latente.image.Resize;
import dev.latente.pipelines.Checkpoint;
import dev.latente.pipelines.DiffusionUpscale;
import dev.latente.pipelines.LatentUpscaler;
import dev.latente.pipelines.LoadOptions;
import dev.latente.pipelines.PictureUpscaler;
import dev.latente.pipelines.Progress;
import dev.latente.pipelines.Prompt;
import dev.latente.pipelines.Request;
import dev.latente.pipelines.Tiles;
import dev.latente.weights.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code latente upscale}: a larger picture, by a network that enlarges or by one that draws. */
@Command(name = "upscale", mixinStandardHelpOptions = true, resourceBundle = Main.MESSAGES)
final class UpscaleCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Parameters(paramLabel = "PICTURE", descriptionKey = "upscale.picture")
    @SuppressWarnings("NullAway.Init") // set by picocli
    Path picture;

    @Mixin
    ModelOptions model = new ModelOptions();

    @Option(names = "--scale", paramLabel = "N")
    @Nullable
    Double scale;

    @Option(names = "--tile", paramLabel = "PIXELS", defaultValue = "" + PictureUpscaler.USUAL_TILE)
    int tile = PictureUpscaler.USUAL_TILE;

    @Option(names = "--overlap", paramLabel = "PIXELS")
    @Nullable
    Integer overlap;

    @Option(names = "--prompt", paramLabel = "TEXT", defaultValue = "", descriptionKey = "upscale.prompt")
    String prompt = "";

    @Option(
            names = {"-n", "--negative"},
            paramLabel = "TEXT")
    @Nullable
    String negative;

    @Option(names = "--noise-level", paramLabel = "N", defaultValue = "" + DiffusionUpscale.USUAL_NOISE)
    int noiseLevel = DiffusionUpscale.USUAL_NOISE;

    @Option(names = "--steps", paramLabel = "N", descriptionKey = "upscale.steps")
    @Nullable
    Integer steps;

    @Option(
            names = {"-g", "--guidance"},
            paramLabel = "N",
            descriptionKey = "upscale.guidance")
    @Nullable
    Double guidance;

    @Option(
            names = {"-s", "--seed"},
            paramLabel = "N",
            descriptionKey = "upscale.seed")
    @Nullable
    Long seed;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            defaultValue = "upscaled.png",
            descriptionKey = "upscale.output")
    Path output = Path.of("upscaled.png");

    @Option(names = "--json")
    boolean json;

    @Option(names = {"-q", "--quiet"})
    boolean quiet;

    @Override
    public Integer call() {
        check();
        Console console = new Console(spec.commandLine().getErr(), quiet || json);
        Picture small = PictureFiles.read(picture);
        Map<String, Object> result = new LinkedHashMap<>();
        Path path = model.resolve(model.required(), console);
        model.applyThreads();
        long start = System.nanoTime();
        Progress progress = progress(console);
        Large large =
                Files.isDirectory(path) ? draw(path, small, progress, result) : enlarge(path, small, progress, result);
        console.finish();
        double seconds = (System.nanoTime() - start) / 1e9;
        PictureFiles.writePng(output, large.picture, large.alpha, Map.of());
        result.put("file", output.toString());
        result.put("width", large.picture.width());
        result.put("height", large.picture.height());
        result.put("seconds", Math.round(seconds * 1000) / 1000.0);
        console.say(Main.message("upscaled", output, large.picture.width(), large.picture.height(), seconds));
        console.show(large.picture);
        if (json) {
            spec.commandLine().getOut().println(Json.text(result));
        }
        return 0;
    }

    private void check() {
        if (model.required().equals(ModelOptions.DEFAULT)) {
            throw new IllegalArgumentException(Main.message("no.upscaler"));
        }
        if (scale != null && !(scale > 0 && scale <= 16)) {
            throw new IllegalArgumentException("--scale: got [%s], wanted more than 0, up to 16".formatted(scale));
        }
        if (tile < 0 || (overlap != null && overlap < 0)) {
            throw new IllegalArgumentException(
                    "--tile, --overlap: got [%d] and [%s], wanted at least 0, 0 tiles for none"
                            .formatted(tile, overlap));
        }
    }

    /** @param alpha opacity of each pixel, or null for a picture that has none */
    private record Large(Picture picture, @Nullable Picture alpha) {}

    /** By a network that enlarges; opacity is enlarged by it, too, as if it were a picture. */
    private Large enlarge(Path path, Picture small, Progress progress, Map<String, Object> result) {
        try (PictureUpscaler upscaler = PictureUpscaler.load(path, model.options())) {
            Tiles tiles = tile == 0 ? null : overlap == null ? upscaler.tiles(small, tile) : new Tiles(tile, overlap);
            result.put("tile", tiles == null ? 0 : tiles.size());
            result.put("overlap", tiles == null ? 0 : tiles.overlap());
            Picture alpha = PictureFiles.alpha(picture);
            Picture largeAlpha = alpha == null ? null : upscaler.upscale(alpha, tiles, progress);
            return sized(small, new Large(upscaler.upscale(small, tiles, progress), largeAlpha));
        }
    }

    /** By a network that draws, beside a text. */
    private Large draw(Path path, Picture small, Progress progress, Map<String, Object> result) {
        long first = seed == null ? new SplittableRandom().nextLong(1L << 32) : seed;
        result.put("seed", first);
        Request request = Request.of(List.of(Prompt.of(prompt).withNegative(negative)))
                .withSeed(first)
                .withSteps(steps == null ? 20 : steps);
        LoadOptions options = model.options();
        Picture drawn;
        if (LatentUpscaler.isOne(path)) {
            try (LatentUpscaler upscaler = LatentUpscaler.load(path, options)) {
                drawn = upscaler.generate(request.withGuidance(guidance == null ? 1 : guidance), small, progress)
                        .get(0);
            }
        } else {
            try (Checkpoint checkpoint = Checkpoint.load(path, options)) {
                drawn = new DiffusionUpscale(checkpoint)
                        .generate(request.withGuidance(guidance == null ? 9 : guidance), small, noiseLevel, progress)
                        .get(0);
            }
        }
        Picture alpha = PictureFiles.alpha(picture);
        Picture largeAlpha =
                alpha == null ? null : Resize.to(alpha, drawn.width(), drawn.height(), Resize.Filter.LANCZOS);
        return sized(small, new Large(drawn, largeAlpha));
    }

    /** At the size that was asked for, where that is not the network's own. */
    private Large sized(Picture small, Large large) {
        if (scale == null) {
            return large;
        }
        int width = (int) Math.max(1, Math.round(small.width() * scale));
        int height = (int) Math.max(1, Math.round(small.height() * scale));
        return new Large(
                Resize.to(large.picture, width, height, Resize.Filter.LANCZOS),
                large.alpha == null ? null : Resize.to(large.alpha, width, height, Resize.Filter.LANCZOS));
    }

    private static Progress progress(Console console) {
        long start = System.nanoTime();
        Progress shown = (call, calls, x) -> console.step(call, calls, (System.nanoTime() - start) / 1e9);
        return shown.stopWhenInterrupted();
    }
}
