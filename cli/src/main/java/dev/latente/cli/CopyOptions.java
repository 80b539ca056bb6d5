package dev.latente.cli;

import dev.latente.bench.RandomCall;
import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import dev.latente.pipelines.Checkpoint;
import dev.latente.pipelines.Request;
import dev.latente.pipelines.TextToImage;
import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.weights.WeightSource;
import dev.latente.weights.compression.RelativeError;
import dev.latente.weights.layout.CheckpointFiles;
import dev.latente.weights.layout.Converter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A smaller copy of a checkpoint: of which, to where, and what both draw to be compared. */
final class CopyOptions {
    /** What is compared: an output of the U-Net for random input, and a finished picture, which wants a mask if it is null. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Drawn(float[] output, @Nullable Picture picture) {
        Tensor tensor() {
            return Ops.of(output, output.length);
        }
    }

    /**
     * What a copy draws otherwise.
     *
     * @param outputError relative, of the U-Net for random input
     * @param psnr of the finished picture, in dB; infinite for an equal one, null where none can be drawn without a mask
     */
    record Loss(double outputError, @Nullable Double psnr) {}

    /** Stands for infinity, which JSON does not have. */
    private static final double LARGEST = 999;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "MODEL",
            defaultValue = ModelOptions.DEFAULT,
            descriptionKey = "copy.from")
    String from = ModelOptions.DEFAULT;

    @Option(names = "--out", paramLabel = "FOLDER", required = true, descriptionKey = "copy.out")
    Path out = Path.of("");

    @Option(names = "--parts", paramLabel = "PART", split = ",", descriptionKey = "copy.parts")
    @Nullable
    List<String> parts;

    @Option(names = "--variant", paramLabel = "NAME")
    @Nullable
    String variant;

    @Option(names = "--tokenizer", paramLabel = "MODEL")
    @Nullable
    String tokenizer;

    @Option(names = "--force")
    boolean force;

    @Option(names = "--no-loss", descriptionKey = "copy.no-loss")
    boolean noLoss;

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            defaultValue = "an astronaut riding a horse on Mars",
            descriptionKey = "copy.prompt")
    String prompt = "";

    @Option(names = "--seed", paramLabel = "N", defaultValue = "42", descriptionKey = "copy.seed")
    long seed = 42;

    @Option(names = "--steps", paramLabel = "N", descriptionKey = "copy.steps")
    @Nullable
    Integer steps;

    @Option(names = "--picture", paramLabel = "FILE", descriptionKey = "copy.picture")
    @Nullable
    Path picture;

    @Option(names = "--threads", paramLabel = "N")
    @Nullable
    Integer threads;

    @Option(names = "--json")
    boolean json;

    @Option(names = {"-q", "--quiet"})
    boolean quiet;

    /** Where the checkpoint is, once the options were found to make sense. */
    Path resolve(Console console) {
        if (noLoss && picture != null) {
            throw new IllegalArgumentException(Main.message("copy.picture.alone"));
        }
        Path path = model().resolve(from, console);
        if (Files.exists(out) && (!force || same(path, out))) {
            throw new IllegalArgumentException(Main.message("exists", out));
        }
        return path;
    }

    private static boolean same(Path a, Path b) {
        try {
            return Files.isSameFile(a, b);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ModelOptions model() {
        ModelOptions model = new ModelOptions();
        model.variant = variant;
        model.tokenizer = tokenizer;
        model.threads = threads;
        model.device = "cpu";
        model.applyThreads();
        return model;
    }

    CheckpointFiles open(Path path) {
        CheckpointFiles.Options options = CheckpointFiles.Options.DEFAULT;
        return CheckpointFiles.open(path, variant == null ? options : options.withVariant(variant));
    }

    /** The models that are changed: those that were named, else those of the usual ones that are there. */
    List<String> parts(CheckpointFiles files, List<String> usual) {
        if (parts == null) {
            return usual.stream().filter(files::has).toList();
        }
        for (String part : parts) {
            if (!files.has(part)) {
                throw new IllegalArgumentException(Main.message(
                        "copy.no.part",
                        part,
                        files.components().stream().sorted().toList()));
            }
        }
        return parts;
    }

    /**
     * Writes the folder, with the weights of these sources in place of the checkpoint's and the others in fp16.
     *
     * @param bytes that the models of these sources take
     */
    void write(CheckpointFiles files, Map<String, WeightSource> sources, long bytes, Console console) {
        Set<String> others = new TreeSet<>(files.components());
        others.removeAll(sources.keySet());
        long all = bytes + halfBytes(files, others);
        long[] written = new long[1];
        new Converter(files, DType.F16)
                .withWeights(sources)
                .withProgress(more -> {
                    written[0] += more;
                    console.progress(
                            Main.message("copy.writing", (double) written[0] / 1e6, (double) all / 1e6),
                            Math.min(1, (double) written[0] / all));
                })
                .toFolder(out);
        console.finish();
    }

    /** What the weights of some models take in 16 bits. */
    static long halfBytes(CheckpointFiles files, Set<String> parts) {
        return parts.stream()
                .flatMap(part -> files.shapes(part).values().stream())
                .mapToLong(shape -> shape.stream().reduce((long) DType.F16.bytes(), Math::multiplyExact))
                .sum();
    }

    /** How otherwise the copy draws; null where that is not wanted. */
    @Nullable
    Loss loss(Path path, Console console) {
        if (noLoss) {
            return null;
        }
        Drawn original = draw(path, path, console);
        Drawn copy = draw(out, path, console);
        double error = Scopes.within(() -> RelativeError.of(original.tensor(), copy.tensor()));
        if (original.picture == null || copy.picture == null) {
            return new Loss(error, null);
        }
        if (picture != null) {
            Picture both = Picture.filled(2 * copy.picture.width(), copy.picture.height(), 3, 255)
                    .paste(original.picture, 0, 0)
                    .paste(copy.picture, copy.picture.width(), 0);
            PictureFiles.writePng(picture, both, Map.of());
        }
        return new Loss(error, original.picture.psnr(copy.picture));
    }

    /** Sizes and loss, for JSON. */
    Map<String, Object> report(Path path, @Nullable Loss loss) {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("out", out.toString());
        report.put("bytes_before", bytes(path));
        report.put("bytes", bytes(out));
        if (loss != null) {
            report.put("output_error", loss.outputError);
            report.put("seed", seed);
        }
        if (loss != null && loss.psnr != null) {
            report.put("psnr", Math.min(loss.psnr, LARGEST));
            report.put("prompt", prompt);
        }
        return report;
    }

    /** Sizes and loss, for people. */
    void print(PrintWriter to, Path path, @Nullable Loss loss) {
        if (loss != null) {
            to.println(Main.message("copy.loss", loss.outputError));
        }
        if (loss != null && loss.psnr != null) {
            to.println(Main.message("copy.psnr", loss.psnr, seed, prompt));
        }
        to.println(Main.message("copy.written", out, (double) bytes(out) / 1e6, (double) bytes(path) / 1e6));
    }

    private Drawn draw(Path path, Path original, Console console) {
        ModelOptions model = model();
        model.model = path.toString();
        if (tokenizer == null && Files.isRegularFile(original)) {
            model.tokenizer = ModelOptions.CLIP;
        }
        try (Checkpoint checkpoint = model.load(new AdapterOptions(), console)) {
            float[] output = Scopes.within(
                    () -> Ops.floats(RandomCall.of(checkpoint.unet(), checkpoint.dtype(), checkpoint.device(), seed)));
            if (checkpoint.unet().config().inChannels()
                    != checkpoint.vae().config().latentChannels()) {
                return new Drawn(output, null);
            }
            long start = System.nanoTime();
            Request request = Request.of(prompt)
                    .withSteps(steps == null ? checkpoint.usualSteps() : steps)
                    .withGuiding(checkpoint.usualGuiding())
                    .withSeed(seed);
            Picture drawn = new TextToImage(checkpoint)
                    .generate(
                            request,
                            (call, calls, latents) -> console.step(call, calls, (System.nanoTime() - start) / 1e9))
                    .get(0);
            return new Drawn(output, drawn);
        } finally {
            console.finish();
        }
    }

    /** Bytes of all files of a checkpoint. */
    static long bytes(Path path) {
        try (Stream<Path> files = Files.walk(path)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(f -> f.toFile().length())
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
