package dev.latente.cli;

import dev.latente.mundo.DefaultModel;
import dev.latente.pipelines.LoadOptions;
import dev.latente.pipelines.LoraFolder;
import dev.latente.pipelines.LoraTags;
import dev.latente.pipelines.Prompt;
import dev.latente.weights.lora.LoraScale;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is laid over the checkpoint: LoRAs and learned words. */
final class AdapterOptions {
    private static final Pattern SCALED = Pattern.compile("(.+?)((?::(?:[-+]?[0-9.]+|(?:te|unet|lbw)=[^:]*))*)");
    private static final Pattern NAMED = Pattern.compile("(.+\\.[A-Za-z]+):(.+)");

    @Option(names = "--lora", paramLabel = "FILE[:SCALE]")
    List<String> loras = new ArrayList<>();

    @Option(names = "--lora-dir", paramLabel = "FOLDER", defaultValue = "${env:LATENTE_LORAS}")
    @Nullable
    Path loraFolder;

    @Option(names = "--embedding", paramLabel = "FILE[:TOKEN]")
    List<String> embeddings = new ArrayList<>();

    /** What the prompt names beside. */
    private List<LoadOptions.ScaledLora> named = List.of();

    /** Takes the LoRAs out of a prompt. */
    Prompt take(Prompt prompt) {
        LoraTags tags = LoraTags.of(prompt);
        named = tags.in(folder());
        return tags.prompt();
    }

    LoadOptions apply(LoadOptions options) {
        LoadOptions all = options;
        for (String lora : loras) {
            Matcher m = SCALED.matcher(lora);
            if (!m.matches()) {
                throw new IllegalArgumentException("--lora: got [%s], wanted FILE or FILE:SCALE".formatted(lora));
            }
            all = all.withLora(file(m.group(1)), scale(m.group(2)));
        }
        for (LoadOptions.ScaledLora lora : named) {
            all = all.withLora(lora.file(), lora.scale());
        }
        for (String embedding : embeddings) {
            Matcher m = NAMED.matcher(embedding);
            all = m.matches()
                    ? all.withEmbedding(Path.of(m.group(1)), m.group(2))
                    : all.withEmbedding(Path.of(embedding), null);
        }
        return all;
    }

    /** Where names are looked up that a prompt has. */
    private LoraFolder folder() {
        Path told = loraFolder;
        return new LoraFolder(
                told != null && !told.toString().isBlank()
                        ? told
                        : DefaultModel.home().resolve("loras"));
    }

    /** A file or folder, or the name of one among the LoRAs. */
    private Path file(String name) {
        Path path = Path.of(name);
        boolean isPath = Files.exists(path) || path.getNameCount() > 1 || name.matches(".*\\.[A-Za-z]+");
        return isPath ? path : folder().find(name);
    }

    private static LoraScale scale(String arguments) {
        return LoraScale.parse(
                arguments.isEmpty()
                        ? List.of()
                        : Arrays.asList(arguments.substring(1).split(":", -1)));
    }

    List<String> arguments() {
        List<String> out = new ArrayList<>();
        loras.forEach(lora -> ModelOptions.add(out, "--lora", lora));
        if (loraFolder != null && !loraFolder.toString().isBlank()) {
            ModelOptions.add(out, "--lora-dir", loraFolder);
        }
        embeddings.forEach(embedding -> ModelOptions.add(out, "--embedding", embedding));
        return out;
    }
}
