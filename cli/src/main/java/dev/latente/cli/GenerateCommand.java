package dev.latente.cli;

import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import dev.latente.pipelines.BaseAndRefiner;
import dev.latente.pipelines.Chain;
import dev.latente.pipelines.Checkpoint;
import dev.latente.pipelines.Control;
import dev.latente.pipelines.Hires;
import dev.latente.pipelines.ImageToImage;
import dev.latente.pipelines.Infotext;
import dev.latente.pipelines.Inpaint;
import dev.latente.pipelines.InstructionEdit;
import dev.latente.pipelines.PictureUpscaler;
import dev.latente.pipelines.Progress;
import dev.latente.pipelines.Prompt;
import dev.latente.pipelines.Request;
import dev.latente.pipelines.Seeds;
import dev.latente.pipelines.Source;
import dev.latente.pipelines.TextToImage;
import dev.latente.profile.Phase;
import dev.latente.profile.Profile;
import dev.latente.profile.Trace;
import dev.latente.tensor.Memory;
import dev.latente.weights.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code latente generate}: pictures from text, from a picture, under a mask. */
@Command(name = "generate", mixinStandardHelpOptions = true, resourceBundle = Main.MESSAGES)
final class GenerateCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "PROMPT", descriptionKey = "prompt")
    @Nullable
    String prompt;

    @Option(names = "--from", paramLabel = "PNG")
    @Nullable
    Path from;

    @Mixin
    ModelOptions model = new ModelOptions();

    @Mixin
    AdapterOptions adapters = new AdapterOptions();

    @Mixin
    PromptOptions prompts = new PromptOptions();

    @Mixin
    SamplingOptions sampling = new SamplingOptions();

    @Mixin
    SourceOptions source = new SourceOptions();

    @Mixin
    ControlOptions control = new ControlOptions();

    @Mixin
    CanvasOptions canvas = new CanvasOptions();

    @Mixin
    ChainOptions chain = new ChainOptions();

    @Mixin
    T2IOptions t2i = new T2IOptions();

    @Mixin
    PicturePromptOptions picturePrompts = new PicturePromptOptions();

    @Option(
            names = {"-s", "--seed"},
            paramLabel = "N")
    @Nullable
    Long seed;

    @Option(names = "--count", paramLabel = "N", defaultValue = "1")
    int count = 1;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "1")
    int batch = 1;

    @Option(names = "--one-generator")
    boolean oneGenerator;

    @Option(names = "--hires", paramLabel = "FACTOR")
    @Nullable
    Double hires;

    @Option(names = "--hires-strength", paramLabel = "S", defaultValue = "0.5")
    double hiresStrength = 0.5;

    @Option(names = "--hires-upscaler", paramLabel = "MODEL")
    @Nullable
    String hiresUpscaler;

    @Option(names = "--refiner", paramLabel = "MODEL")
    @Nullable
    String refiner;

    @Option(names = "--refiner-at", paramLabel = "F", defaultValue = "0.8")
    double refinerAt = 0.8;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            defaultValue = "latente.png")
    Path output = Path.of("latente.png");

    @Option(names = "--memory", descriptionKey = "memory")
    boolean memory;

    @Option(names = "--profile", paramLabel = "FILE", descriptionKey = "generate.profile")
    @Nullable
    Path profile;

    @Option(names = "--json")
    boolean json;

    @Option(names = {"-q", "--quiet"})
    boolean quiet;

    @Override
    public Integer call() {
        if (from != null) {
            return again(from);
        }
        if (prompt == null) {
            throw new CommandLine.ParameterException(spec.commandLine(), Main.message("no.prompt"));
        }
        check();
        if (profile == null) {
            return draw();
        }
        try (Profile recorded = Profile.start()) {
            int status = new Phase.Part("generate").run(this::draw);
            Trace.write(profile, recorded.spans());
            return status;
        }
    }

    private int draw() {
        Console console = new Console(spec.commandLine().getErr(), quiet || json);
        MemoryReport report = memory || model.maxMemory != null
                ? new MemoryReport(model.fit(GenerateBudget.of(this, console)))
                : null;
        if (report != null) {
            report.lines().forEach(console::say);
        }
        long first = seed == null ? new SplittableRandom().nextLong(1L << 32) : seed;
        List<Map<String, Object>> made = new ArrayList<>();
        long loading = 0;
        Prompt text = adapters.take(prompts.of(Objects.requireNonNull(prompt)));
        try (Checkpoint checkpoint = model.load(adapters, console);
                @Nullable Checkpoint second = refiner == null ? null : model.load(refiner, console);
                @Nullable
                        PictureUpscaler upscaler = hiresUpscaler == null
                                ? null
                                : PictureUpscaler.load(model.resolve(hiresUpscaler, console), model.options());
                Guides guides = new Guides()) {
            control.load(model, console, guides);
            t2i.load(model, console, guides);
            picturePrompts.load(model, console, guides);
            Pipelines pipelines = new Pipelines(checkpoint, second, upscaler);
            if (report != null) {
                loading = Memory.peak();
                Memory.resetPeak();
            }
            for (int run = 0; run < count; run++) {
                long start = System.nanoTime();
                long runSeed = first + (long) run * batch;
                Request request = request(text, checkpoint, guides, runSeed);
                if (source.init == null) {
                    Guides.sayStretched(request.controls(), request.size(), console);
                }
                List<Drawn> pictures = draw(pipelines, request, console);
                double seconds = (System.nanoTime() - start) / 1e9;
                for (int i = 0; i < pictures.size(); i++) {
                    Path file = target(run * batch + i);
                    Drawn drawn = pictures.get(i);
                    write(checkpoint, drawn, file, runSeed, i);
                    made.add(drawn.entry(file, oneGenerator ? runSeed : runSeed + i, seconds));
                    console.show(drawn.picture());
                    drawn.chain()
                            .forEach(link -> console.say(Main.message(
                                    "chain.step",
                                    link.ssim(),
                                    link.step().prompt().text())));
                    console.say(Main.message("written", file, runSeed + (oneGenerator ? 0 : i), seconds));
                }
            }
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("pictures", made);
        if (report != null) {
            long drawing = Memory.peak();
            report.truth(loading, drawing).forEach(console::say);
            result.put("memory", report.toMap(loading, drawing));
        }
        if (json) {
            spec.commandLine().getOut().println(Json.text(result));
        }
        return 0;
    }

    /** Runs the command that a picture carries, with what is said now over it. */
    private int again(Path picture) {
        List<String> arguments = new ArrayList<>(Recipe.read(picture));
        if (prompt != null) {
            arguments.set(arguments.size() - 1, prompt);
        }
        // All before the "--" that parts the prompt from the options.
        List<String> options = arguments.subList(0, arguments.size() - 2);
        List<String> now = new ArrayList<>();
        for (var given : spec.commandLine().getParseResult().matchedOptions()) {
            String name = given.longestName();
            if (given.arity().max() == 0) {
                now.add(name);
            } else if (!name.equals("--from")) {
                // Lists would grow, but settings replace each other one by one.
                options.removeIf(o -> o.startsWith(name + "=") && !name.equals("--set"));
                given.originalStringValues().forEach(value -> ModelOptions.add(now, name, value));
            }
        }
        options.addAll(now);
        arguments.add(0, "generate");
        return Main.commandLine()
                .setOut(spec.commandLine().getOut())
                .setErr(spec.commandLine().getErr())
                .execute(arguments.toArray(new String[0]));
    }

    private void check() {
        if (count < 1 || batch < 1) {
            throw new IllegalArgumentException(
                    "--count, --batch: got [%d] and [%d], wanted at least 1".formatted(count, batch));
        }
        if (refiner != null && (source.init != null || hires != null)) {
            throw new IllegalArgumentException(Main.message("refiner.alone"));
        }
        if (hires != null && source.init != null) {
            throw new IllegalArgumentException(Main.message("hires.alone"));
        }
        if (source.mask != null && source.init == null) {
            throw new IllegalArgumentException(Main.message("mask.alone"));
        }
        if ((source.outpaint != null || source.imageGuidance != null) && source.init == null) {
            throw new IllegalArgumentException(Main.message("init.needed"));
        }
        if (hiresUpscaler != null && hires == null) {
            throw new IllegalArgumentException(Main.message("hires.needed"));
        }
    }

    /**
     * What is drawn with.
     *
     * @param refiner that finishes pictures, or null
     * @param upscaler that enlarges between two passes, or null
     */
    private record Pipelines(
            Checkpoint checkpoint,
            @Nullable Checkpoint refiner,
            @Nullable PictureUpscaler upscaler) {}

    private Request request(Prompt text, Checkpoint checkpoint, Guides guides, long runSeed) {
        List<Control> controls = new ArrayList<>(control.of(guides));
        controls.addAll(t2i.of(guides));
        return sampling.apply(Request.of(List.of(text)), checkpoint)
                .withPerPrompt(batch)
                .withMicro(prompts.micro())
                .withControls(controls)
                .withPictures(picturePrompts.of(guides))
                .withViews(canvas.of(checkpoint))
                .withSeeds(oneGenerator ? Seeds.of(runSeed) : Seeds.each(runSeed, batch));
    }

    private List<Drawn> draw(Pipelines pipelines, Request request, Console console) {
        Checkpoint checkpoint = pipelines.checkpoint;
        Progress progress = console.progress(checkpoint.preview());
        try {
            List<Picture> first = first(pipelines, request, progress);
            List<Drawn> drawn = new ArrayList<>();
            for (int i = 0; i < first.size(); i++) {
                Request one = request.withSeeds(Seeds.of(request.seeds().seed(i)));
                List<Chain.Link> links = chain.refine(checkpoint, one, prompts, first.get(i), progress);
                Picture last = links.isEmpty()
                        ? first.get(i)
                        : links.get(links.size() - 1).picture();
                drawn.add(new Drawn(last, links));
            }
            return drawn;
        } finally {
            console.finish();
        }
    }

    private List<Picture> first(Pipelines pipelines, Request request, Progress progress) {
        Checkpoint checkpoint = pipelines.checkpoint;
        if (pipelines.refiner != null) {
            return new BaseAndRefiner(checkpoint, pipelines.refiner).generate(request, refinerAt, progress);
        }
        if (hires != null) {
            return new Hires(checkpoint, pipelines.upscaler).generate(request, hires, hiresStrength, progress);
        }
        if (source.init == null) {
            return new TextToImage(checkpoint).generate(request, progress);
        }
        Source from = source.of();
        if (from.mask() != null) {
            return new Inpaint(checkpoint).generate(request, from, progress);
        }
        if (InstructionEdit.fits(checkpoint) || source.imageGuidance != null) {
            double kept = source.imageGuidance == null ? InstructionEdit.USUAL_IMAGE_GUIDANCE : source.imageGuidance;
            return new InstructionEdit(checkpoint).generate(request, from, kept, progress);
        }
        return new ImageToImage(checkpoint).generate(request, from, progress);
    }

    /** {@code out.png}, or {@code out-1.png}, {@code out-2.png}, … where there are several. */
    private Path target(int index) {
        Path output = Files.isDirectory(this.output) ? this.output.resolve("latente.png") : this.output;
        if (count * batch == 1) {
            return output;
        }
        String name = String.valueOf(output.getFileName());
        int dot = name.lastIndexOf('.');
        String stem = dot < 0 ? name : name.substring(0, dot);
        String end = dot < 0 ? ".png" : name.substring(dot);
        return output.resolveSibling(stem + "-" + (index + 1) + end);
    }

    private void write(Checkpoint checkpoint, Drawn drawn, Path file, long runSeed, int index) {
        Map<String, String> text = new LinkedHashMap<>();
        Picture picture = drawn.picture();
        long shown = oneGenerator ? runSeed : runSeed + index;
        text.put(
                Infotext.KEYWORD,
                Recipe.infotext(this, checkpoint, picture, shown).format());
        text.put(Recipe.KEYWORD, Json.text(Recipe.arguments(this, runSeed, index)));
        if (!drawn.chain().isEmpty()) {
            text.put("chain", Json.text(ChainOptions.record(drawn.chain())));
        }
        new Phase.Part("write").run(() -> {
            PictureFiles.writePng(file, picture, text);
            return file;
        });
    }
}
