package dev.latente.cli;

import dev.latente.pipelines.LoadOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** What is laid over the checkpoint: LoRAs and learned words. */
final class AdapterOptions {
    private static final Pattern SCALED = Pattern.compile("(.+):([-+]?[0-9.]+)");
    private static final Pattern NAMED = Pattern.compile("(.+\\.[A-Za-z]+):(.+)");

    @Option(names = "--lora", paramLabel = "FILE[:SCALE]")
    List<String> loras = new ArrayList<>();

    @Option(names = "--embedding", paramLabel = "FILE[:TOKEN]")
    List<String> embeddings = new ArrayList<>();

    LoadOptions apply(LoadOptions options) {
        LoadOptions all = options;
        for (String lora : loras) {
            Matcher m = SCALED.matcher(lora);
            all = m.matches() ? all.withLora(Path.of(m.group(1)), scale(m.group(2))) : all.withLora(Path.of(lora), 1);
        }
        for (String embedding : embeddings) {
            Matcher m = NAMED.matcher(embedding);
            all = m.matches()
                    ? all.withEmbedding(Path.of(m.group(1)), m.group(2))
                    : all.withEmbedding(Path.of(embedding), null);
        }
        return all;
    }

    private static double scale(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("--lora: got the scale [%s], wanted a number".formatted(text), e);
        }
    }

    List<String> arguments() {
        List<String> out = new ArrayList<>();
        loras.forEach(lora -> ModelOptions.add(out, "--lora", lora));
        embeddings.forEach(embedding -> ModelOptions.add(out, "--embedding", embedding));
        return out;
    }
}
