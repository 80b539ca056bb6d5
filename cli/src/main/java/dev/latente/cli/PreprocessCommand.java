package dev.latente.cli;

import dev.latente.image.Edges;
import dev.latente.image.Lines;
import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import dev.latente.image.Poses;
import dev.latente.image.Rearranged;
import dev.latente.pipelines.Annotator;
import dev.latente.pipelines.Size;
import dev.latente.weights.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code latente preprocess}: makes of a picture what ControlNets and T2I-Adapters are shown. */
@Command(name = "preprocess", mixinStandardHelpOptions = true, resourceBundle = Main.MESSAGES)
final class PreprocessCommand implements Callable<Integer> {
    /** What is made. */
    enum Kind {
        CANNY,
        SOFTEDGE,
        HED,
        LINEART,
        SCRIBBLE,
        DEPTH,
        OPENPOSE,
        TILE,
        SHUFFLE,
        SEGMENTATION
    }

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Parameters(index = "0", paramLabel = "KIND", descriptionKey = "preprocess.kind")
    Kind kind = Kind.CANNY;

    @Parameters(index = "1", paramLabel = "INPUT", descriptionKey = "preprocess.input")
    Path input = Path.of("");

    @Option(
            names = {"-o", "--output"},
            paramLabel = "PNG",
            descriptionKey = "preprocess.output")
    @Nullable
    Path output;

    @Option(names = "--thresholds", paramLabel = "LOW,HIGH", descriptionKey = "preprocess.thresholds", split = ",")
    double @Nullable [] thresholds;

    @Option(names = "--sigma", paramLabel = "PIXELS", descriptionKey = "preprocess.sigma", defaultValue = "1")
    double sigma = 1;

    @Option(names = "--weights", paramLabel = "MODEL", descriptionKey = "preprocess.weights")
    @Nullable
    String weights;

    @Option(names = "--size", paramLabel = "SIZE", descriptionKey = "preprocess.size")
    @Nullable
    String size;

    @Option(names = "--factor", paramLabel = "N", descriptionKey = "preprocess.factor", defaultValue = "8")
    int factor = 8;

    @Option(names = "--scale", paramLabel = "PIXELS", descriptionKey = "preprocess.scale", defaultValue = "256")
    int scale = 256;

    @Option(names = "--seed", paramLabel = "N", descriptionKey = "preprocess.seed", defaultValue = "0")
    long seed;

    @Option(names = {"-q", "--quiet"})
    boolean quiet;

    @Option(names = "--device", paramLabel = "DEVICE", defaultValue = "auto")
    String device = "auto";

    @Override
    public Integer call() {
        Console console = new Console(spec.commandLine().getErr(), quiet);
        Path target = output == null ? beside() : output;
        PictureFiles.writePng(target, make(console), Map.of());
        console.say(Main.message("preprocess.written", target));
        return 0;
    }

    /** {@code photo.jpg} becomes {@code photo-canny.png}. */
    private Path beside() {
        String name = String.valueOf(input.getFileName());
        int dot = name.lastIndexOf('.');
        String stem = dot < 0 ? name : name.substring(0, dot);
        return input.resolveSibling("%s-%s.png".formatted(stem, kind.name().toLowerCase(Locale.ROOT)));
    }

    private Picture make(Console console) {
        if ((weights != null) != (kind == Kind.HED || kind == Kind.DEPTH)) {
            throw new IllegalArgumentException(Main.message("preprocess.needs.weights"));
        }
        return switch (kind) {
            case CANNY -> canny(PictureFiles.read(input));
            case SOFTEDGE -> Lines.softEdges(PictureFiles.read(input), sigma);
            case LINEART -> Lines.lineArt(PictureFiles.read(input), sigma);
            case SCRIBBLE -> Lines.scribble(Lines.softEdges(PictureFiles.read(input), sigma), threshold());
            case TILE -> Rearranged.tile(PictureFiles.read(input), factor);
            case SHUFFLE -> Rearranged.shuffled(PictureFiles.read(input), seed, scale);
            case SEGMENTATION -> Rearranged.segments(PictureFiles.read(input));
            case OPENPOSE -> pose();
            case HED, DEPTH -> seen(console);
        };
    }

    private Picture canny(Picture picture) {
        if (thresholds != null && thresholds.length != 2) {
            throw new IllegalArgumentException(
                    "--thresholds: got [%d] numbers, wanted LOW,HIGH such as 100,200".formatted(thresholds.length));
        }
        return thresholds == null ? Edges.canny(picture, 100, 200) : Edges.canny(picture, thresholds[0], thresholds[1]);
    }

    private double threshold() {
        return thresholds == null ? 60 : thresholds[0];
    }

    private Picture pose() {
        if (!Files.isRegularFile(input)) {
            throw new IllegalArgumentException("%s: there is no such file".formatted(input));
        }
        Size asked = size == null ? null : Size.parse(size);
        return Poses.draw(Json.read(input), asked == null ? null : new int[] {asked.width(), asked.height()});
    }

    private Picture seen(Console console) {
        Picture picture = PictureFiles.read(input);
        ModelOptions model = new ModelOptions();
        model.device = device;
        Path path = model.resolve(String.valueOf(weights), console);
        try (Annotator annotator = kind == Kind.HED
                ? Annotator.softEdges(path, model.options())
                : Annotator.depth(path, model.options())) {
            return annotator.see(picture);
        }
    }
}
