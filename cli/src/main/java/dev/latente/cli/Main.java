package dev.latente.cli;

import dev.latente.tensor.Natives;
import dev.latente.training.DivergedException;
import dev.latente.weights.WeightsException;
import dev.latente.weights.hub.HubException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.ResourceBundle;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;

/** The entry point: exit status 0 for success, 1 for a failure, 2 for a wrong input, 130 for a stop by the user. */
@Command(
        name = "latente",
        mixinStandardHelpOptions = true,
        version = "latente " + Main.VERSION,
        resourceBundle = Main.MESSAGES,
        subcommands = {
            GenerateCommand.class,
            UpscaleCommand.class,
            TrainCommand.class,
            InspectCommand.class,
            ConvertCommand.class,
            QuantizeCommand.class,
            PruneCommand.class,
            PreprocessCommand.class,
            DownloadCommand.class,
            BenchCommand.class,
            DataCommand.class,
            EvaluateCommand.class,
            AutoComplete.GenerateCompletion.class,
            CommandLine.HelpCommand.class
        })
public final class Main {
    static final String VERSION = "0.1.0";
    static final String MESSAGES = "dev.latente.cli.messages";
    static final int FAILURE = 1;
    static final int USAGE = 2;
    static final int STOPPED = 130;

    private static final Set<String> COMPUTING =
            Set.of("generate", "upscale", "train", "quantize", "prune", "bench", "evaluate");

    private Main() {}

    public static void main(String[] args) {
        // One core loads the libraries while the other reads the command line. If they cannot be loaded, who computes
        // says so.
        CompletableFuture<@Nullable Void> natives = computes(args)
                ? CompletableFuture.runAsync(Natives::load).exceptionally(e -> null)
                : CompletableFuture.completedFuture(null);
        CommandLine line = commandLine();
        line.setExecutionStrategy(parsed -> {
            natives.join();
            return new CommandLine.RunLast().execute(parsed);
        });
        int status = line.execute(args);
        natives.join(); // to end in the middle of it could crash
        System.exit(status);
    }

    private static boolean computes(String... args) {
        return args.length > 1
                && COMPUTING.contains(args[0])
                && Arrays.stream(args).noneMatch(arg -> arg.equals("--help") || arg.equals("-h"));
    }

    static int run(String... args) {
        return commandLine().execute(args);
    }

    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Main());
        line.setOverwrittenOptionsAllowed(true);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setUsageHelpAutoWidth(true);
        line.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        if (System.getenv("NO_COLOR") != null) {
            line.setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF));
        }
        line.setParameterExceptionHandler((e, args) -> usage(e));
        line.setExecutionExceptionHandler((e, command, parsed) -> failed(e, command));
        return line;
    }

    /** The text of that key in the user's language. */
    static String message(String key, Object... values) {
        return ResourceBundle.getBundle(MESSAGES).getString(key).formatted(values);
    }

    private static int usage(CommandLine.ParameterException e) {
        CommandLine command = e.getCommandLine();
        command.getErr().println(error(command, String.valueOf(e.getMessage())));
        CommandLine.UnmatchedArgumentException.printSuggestions(e, command.getErr());
        command.getErr().println(message("try.help", command.getCommandSpec().qualifiedName()));
        return USAGE;
    }

    private static int failed(Exception e, CommandLine command) {
        if (System.getenv("LATENTE_DEBUG") != null) {
            e.printStackTrace(command.getErr());
        }
        if (e instanceof CancellationException) {
            command.getErr().println(message("stopped"));
            return STOPPED;
        }
        boolean wrongInput = e instanceof IllegalArgumentException;
        boolean expected = wrongInput
                || e instanceof WeightsException
                || e instanceof HubException
                || e instanceof DivergedException
                || e instanceof IOException
                || e instanceof UncheckedIOException;
        String text = expected && e.getMessage() != null ? e.getMessage() : e.toString();
        command.getErr().println(error(command, text));
        if (!expected) {
            command.getErr().println(message("debug"));
        }
        return wrongInput ? USAGE : FAILURE;
    }

    private static String error(CommandLine command, String text) {
        return command.getColorScheme().errorText(message("error", text)).toString();
    }
}
