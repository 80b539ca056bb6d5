package dev.latente.cli;

import dev.latente.mundo.DefaultModel;
import dev.latente.mundo.MundoSource;
import dev.latente.tensor.Ops;
import dev.latente.training.recipe.Recipe;
import dev.latente.training.recipe.RunWatcher;
import dev.latente.training.recipe.TrainingRun;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code latente train}: follows a recipe, from where it stopped the last time. */
@Command(name = "train", mixinStandardHelpOptions = true, resourceBundle = Main.MESSAGES)
final class TrainCommand implements Callable<Integer> {
    /** The world that the embedded model knows, and the model itself. */
    static final Recipe.Extensions MUNDO =
            new Recipe.Extensions(Map.of("mundo", MundoSource::of), Map.of("mundo", DefaultModel::path));

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Parameters(paramLabel = "RECIPE", descriptionKey = "recipe")
    @SuppressWarnings("NullAway.Init") // set by picocli
    Path recipe;

    @Option(names = "--steps", paramLabel = "N", descriptionKey = "train.steps")
    @Nullable
    Long steps;

    @Option(names = "--set", paramLabel = "KEY=VALUE", descriptionKey = "train.set")
    Map<String, String> overrides = new LinkedHashMap<>();

    @Option(names = "--threads", paramLabel = "N")
    @Nullable
    Integer threads;

    @Option(names = {"-q", "--quiet"})
    boolean quiet;

    @Override
    public Integer call() {
        if (threads != null) {
            Ops.setThreads(threads);
        }
        if (steps != null) {
            overrides.put("steps", steps.toString());
        }
        Recipe read = Recipe.read(recipe, overrides, MUNDO);
        Console console = new Console(spec.commandLine().getErr(), quiet);
        AtomicBoolean stop = new AtomicBoolean();
        CountDownLatch ended = new CountDownLatch(1);
        Thread interrupted = new Thread(() -> stop(stop, ended, console), "stop");
        Runtime.getRuntime().addShutdownHook(interrupted);
        try {
            return train(read, stop, console);
        } finally {
            ended.countDown();
            if (!stop.get()) {
                Runtime.getRuntime().removeShutdownHook(interrupted);
            }
        }
    }

    private static int train(Recipe recipe, AtomicBoolean stop, Console console) {
        try (TrainingRun run = new TrainingRun(recipe, watcher(console))) {
            console.say(Main.message(
                    "train.begins",
                    run.parameters(),
                    run.done(),
                    recipe.config().steps()));
            boolean complete = run.run(stop::get);
            console.finish();
            run.skipped().forEach(s -> console.say(Main.message("train.skipped", s.name(), s.reason())));
            console.say(
                    complete
                            ? Main.message("train.done", run.done(), recipe.export())
                            : Main.message("train.stopped", run.done()));
            return complete ? 0 : Main.STOPPED;
        }
    }

    private static RunWatcher watcher(Console console) {
        return new RunWatcher() {
            @Override
            public void encoded(long done, long total) {
                console.progress(Main.message("train.encoded", done, total), (double) done / total);
            }

            @Override
            public void downloaded(String file, long done, long total) {
                console.download(file, done, total);
            }

            @Override
            public void drawn(long done, long total) {
                console.progress(Main.message("train.drawn", done, total), (double) done / total);
            }

            @Override
            public void progress(String line, double share) {
                console.progress(line, share);
            }

            @Override
            public void warning(String message) {
                console.say(message);
            }
        };
    }

    /** Runs while the machine shuts down or after Ctrl-C: nothing ends before the step and its checkpoint have. */
    private static void stop(AtomicBoolean stop, CountDownLatch ended, Console console) {
        stop.set(true);
        console.say(Main.message("train.stopping"));
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
