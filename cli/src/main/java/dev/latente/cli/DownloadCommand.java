package dev.latente.cli;

import dev.latente.weights.hub.Hub;
import dev.latente.weights.hub.HubConfig;
import dev.latente.weights.hub.HubId;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code latente download}: a model of the Hub into the cache that the Python library shares. */
@Command(name = "download", mixinStandardHelpOptions = true, resourceBundle = Main.MESSAGES)
final class DownloadCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Parameters(paramLabel = "ORG/NAME[@REVISION]", descriptionKey = "download.id")
    String id = "";

    @Option(names = "--variant", paramLabel = "NAME")
    @Nullable
    String variant;

    @Option(names = {"-q", "--quiet"})
    boolean quiet;

    @Override
    public Integer call() {
        Console console = new Console(spec.commandLine().getErr(), quiet);
        var folder = new Hub(HubConfig.fromEnvironment()).checkpoint(HubId.parse(id), variant, console::download);
        spec.commandLine().getOut().println(folder);
        return 0;
    }
}
