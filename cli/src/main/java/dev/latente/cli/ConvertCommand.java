package dev.latente.cli;

import dev.latente.tensor.DType;
import dev.latente.weights.layout.CheckpointFiles;
import dev.latente.weights.layout.Converter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code latente convert}: a checkpoint in another layout or dtype. */
@Command(name = "convert", mixinStandardHelpOptions = true, resourceBundle = Main.MESSAGES)
final class ConvertCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Parameters(index = "0", paramLabel = "MODEL", descriptionKey = "convert.from")
    String from = "";

    @Parameters(index = "1", paramLabel = "TARGET", descriptionKey = "convert.to")
    Path to = Path.of("");

    @Option(names = "--dtype", paramLabel = "TYPE")
    @Nullable
    String dtype;

    @Option(names = "--variant", paramLabel = "NAME")
    @Nullable
    String variant;

    @Option(names = "--vae", paramLabel = "MODEL")
    @Nullable
    String vae;

    @Option(names = "--force")
    boolean force;

    @Option(names = {"-q", "--quiet"})
    boolean quiet;

    @Override
    public Integer call() {
        boolean file = to.toString().toLowerCase(Locale.ROOT).endsWith(".safetensors");
        if (Files.exists(to) && !force) {
            throw new IllegalArgumentException(Main.message("exists", to));
        }
        Console console = new Console(spec.commandLine().getErr(), quiet);
        ModelOptions model = new ModelOptions();
        model.variant = variant;
        CheckpointFiles.Options options = CheckpointFiles.Options.DEFAULT;
        if (variant != null) {
            options = options.withVariant(variant);
        }
        if (vae != null) {
            options = options.withComponent("vae", model.resolve(vae, console));
        }
        try (CheckpointFiles files = CheckpointFiles.open(model.resolve(from, console), options)) {
            Converter converter = new Converter(files, dtype == null ? null : DType.parse(dtype));
            if (file) {
                converter.toSingleFile(to);
            } else {
                converter.toFolder(to);
            }
        }
        console.say(Main.message("converted", to));
        return 0;
    }
}
