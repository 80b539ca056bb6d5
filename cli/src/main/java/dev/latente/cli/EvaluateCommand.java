package dev.latente.cli;

import dev.latente.image.Picture;
import dev.latente.mundo.Prompts;
import dev.latente.mundo.evaluation.EdgeOverlap;
import dev.latente.mundo.evaluation.EdgeReport;
import dev.latente.mundo.evaluation.Evaluation;
import dev.latente.mundo.evaluation.EvaluationReport;
import dev.latente.mundo.evaluation.Reconstruction;
import dev.latente.mundo.evaluation.Report;
import dev.latente.mundo.evaluation.Resemblance;
import dev.latente.mundo.evaluation.TrainingPictures;
import dev.latente.mundo.evaluation.WordReport;
import dev.latente.mundo.judge.Judge;
import dev.latente.pipelines.Checkpoint;
import dev.latente.pipelines.Control;
import dev.latente.pipelines.ControlNetCheckpoint;
import dev.latente.pipelines.Progress;
import dev.latente.pipelines.Prompt;
import dev.latente.pipelines.Request;
import dev.latente.pipelines.Seeds;
import dev.latente.pipelines.TextToImage;
import dev.latente.weights.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code latente evaluate}: how often a model draws what prompts say that it has not seen, and what adapters make of it. */
@Command(name = "evaluate", mixinStandardHelpOptions = true, resourceBundle = Main.MESSAGES)
final class EvaluateCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Option(names = "--mundo", required = true)
    boolean mundo;

    @Mixin
    ModelOptions model = new ModelOptions();

    @Mixin
    AdapterOptions adapters = new AdapterOptions();

    @Mixin
    SamplingOptions sampling = new SamplingOptions();

    @Mixin
    EdgeOptions edges = new EdgeOptions();

    @Mixin
    WordOptions word = new WordOptions();

    @Option(names = "--prompts", paramLabel = "N", defaultValue = "500")
    int prompts = 500;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", descriptionKey = "evaluate.seed")
    long seed = 1;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "10", descriptionKey = "evaluate.batch")
    int batch = 10;

    @Option(names = "--training", paramLabel = "N", defaultValue = "25600")
    int training = 25600;

    @Option(names = "--reconstructions", paramLabel = "N", defaultValue = "500")
    int reconstructions = 500;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FOLDER",
            defaultValue = "evaluation",
            descriptionKey = "evaluate.output")
    Path output = Path.of("evaluation");

    @Option(names = "--json")
    boolean json;

    @Option(names = {"-q", "--quiet"})
    boolean quiet;

    @Override
    public Integer call() {
        check();
        WordOptions.@Nullable Word learned = word.of();
        if (edges.edges && learned != null) {
            throw new IllegalArgumentException(Main.message("edges.or.word"));
        }
        Console console = new Console(spec.commandLine().getErr(), quiet || json);
        Report report;
        try (Checkpoint checkpoint = model.load(adapters, console)) {
            if (edges.edges) {
                report = edges(checkpoint, console);
            } else if (learned != null) {
                report = word(checkpoint, learned, console);
            } else {
                report = heldOut(checkpoint, console);
            }
        }
        report.write(output);
        spec.commandLine().getOut().print(json ? Json.text(report.values()) + "\n" : report.table());
        spec.commandLine().getOut().flush();
        console.say(Main.message("evaluate.done", output));
        return 0;
    }

    private void check() {
        if (prompts < 1 || batch < 1 || training < 0 || reconstructions < 0) {
            throw new IllegalArgumentException(
                    "--prompts, --batch, --training, --reconstructions: got [%d], [%d], [%d] and [%d], wanted at least 1, 1, 0 and 0"
                            .formatted(prompts, batch, training, reconstructions));
        }
        edges.check();
    }

    private EvaluationReport heldOut(Checkpoint checkpoint, Console console) {
        Evaluation evaluation = judged(checkpoint, Prompts.heldOut(prompts, seed), console);
        Reconstruction reconstruction = Reconstruction.of(checkpoint, reconstructions, steps(console, reconstructions));
        console.finish();
        Resemblance resemblance = Resemblance.of(evaluation.samples(), new TrainingPictures(0, training));
        return new EvaluationReport(evaluation, resemblance, reconstruction);
    }

    private WordReport word(Checkpoint checkpoint, WordOptions.Word learned, Console console) {
        List<dev.latente.mundo.Prompt> places = Prompts.ofWord(learned.text(), learned.subject(), prompts);
        return new WordReport(learned.text(), learned.subject(), judged(checkpoint, places, console));
    }

    private Evaluation judged(Checkpoint checkpoint, List<dev.latente.mundo.Prompt> all, Console console) {
        try (Judge judge = Judge.load()) {
            return Evaluation.of(
                    all,
                    seed,
                    (some, first) -> draw(checkpoint, some, first, List.of()),
                    judge::judge,
                    batch,
                    steps(console, all.size()));
        } finally {
            console.finish();
        }
    }

    private EdgeReport edges(Checkpoint checkpoint, Console console) {
        try (ControlNetCheckpoint net = edges.load(model, console)) {
            return new EdgeReport(EdgeOverlap.of(
                    Prompts.heldOut(prompts, seed),
                    seed,
                    edges.canny(),
                    (prompt, own, lines) -> draw(checkpoint, List.of(prompt), own, List.of(Control.of(net, lines)))
                            .get(0),
                    (some, first) -> draw(checkpoint, some, first, List.of()),
                    painted ->
                            Reconstruction.through(checkpoint, List.of(painted)).get(0),
                    steps(console, prompts)));
        } finally {
            console.finish();
        }
    }

    /** The prompts as they are, as captions were in training. */
    private List<Picture> draw(
            Checkpoint checkpoint, List<dev.latente.mundo.Prompt> some, long first, List<Control> controls) {
        List<Prompt> texts = some.stream()
                .map(p -> Prompt.of(p.text()).withSyntax(Prompt.Syntax.PLAIN))
                .toList();
        Request request = sampling.apply(Request.of(texts), checkpoint)
                .withControls(controls)
                .withSeeds(Seeds.each(first, texts.size()));
        return new TextToImage(checkpoint).generate(request, Progress.NONE.stopWhenInterrupted());
    }

    private static IntConsumer steps(Console console, int all) {
        long start = System.nanoTime();
        return done -> console.step(done, all, (System.nanoTime() - start) / 1e9);
    }
}
