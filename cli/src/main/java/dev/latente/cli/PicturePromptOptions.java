package dev.latente.cli;

import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import dev.latente.models.adapters.BlockScales;
import dev.latente.pipelines.Companion;
import dev.latente.pipelines.IpAdapterCheckpoint;
import dev.latente.pipelines.PicturePrompt;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Pictures beside the prompt, by IP-Adapters. One adapter sees all pictures; of several, the n-th sees the n-th picture, and
 * so with the other options.
 */
final class PicturePromptOptions {
    @Option(names = "--ip-adapter", paramLabel = "FILE")
    List<Path> adapters = new ArrayList<>();

    @Option(names = "--ip-picture", paramLabel = "PICTURE")
    List<Path> pictures = new ArrayList<>();

    @Option(names = "--ip-negative", paramLabel = "PICTURE")
    List<Path> negatives = new ArrayList<>();

    @Option(names = "--ip-scale", paramLabel = "S")
    List<String> scales = new ArrayList<>();

    @Option(names = "--image-encoder", paramLabel = "FOLDER")
    List<String> encoders = new ArrayList<>();

    /** Loads the adapters of the command, each of which {@code guides} closes. */
    void load(ModelOptions model, Console console, Guides guides) {
        check();
        for (int i = 0; i < adapters.size(); i++) {
            guides.seers().add(IpAdapterCheckpoint.load(adapters.get(i), encoder(i, model, console), model.options()));
        }
    }

    List<Companion> companions(ModelOptions model, Console console) {
        int shown = adapters.size() == 1 ? pictures.size() : 1;
        return IntStream.range(0, adapters.size())
                .boxed()
                .flatMap(i ->
                        Companion.ipAdapter(adapters.get(i), encoder(i, model, console), shown, model.options())
                                .stream())
                .toList();
    }

    private @Nullable Path encoder(int adapter, ModelOptions model, Console console) {
        return encoders.isEmpty()
                ? beside(adapters.get(adapter))
                : model.resolve(encoders.get(Math.min(adapter, encoders.size() - 1)), console);
    }

    private void check() {
        boolean one = adapters.size() == 1;
        if (one ? pictures.isEmpty() : pictures.size() != adapters.size()) {
            throw new IllegalArgumentException("--ip-picture: got [%d], wanted %s for each of [%d] --ip-adapter"
                    .formatted(pictures.size(), one ? "at least one" : "one", adapters.size()));
        }
        int most = Math.max(scales.size(), Math.max(encoders.size(), one ? 0 : negatives.size()));
        if (most > adapters.size()) {
            throw new IllegalArgumentException(
                    "--ip-scale, --ip-negative, --image-encoder: got [%d], wanted at most one for each of [%d] --ip-adapter"
                            .formatted(most, adapters.size()));
        }
    }

    /** Published adapters lie beside a folder of this name. */
    private static @Nullable Path beside(Path adapter) {
        Path folder = adapter.resolveSibling("image_encoder");
        return Files.isDirectory(folder) ? folder : null;
    }

    List<PicturePrompt> of(Guides guides) {
        List<PicturePrompt> prompts = new ArrayList<>();
        for (IpAdapterCheckpoint adapter : guides.seers()) {
            int i = prompts.size();
            prompts.add(PicturePrompt.of(adapter, read(pictures, i).toArray(Picture[]::new))
                    .withNegative(read(negatives, i))
                    .withScale(i < scales.size() ? BlockScales.parse(scales.get(i)) : BlockScales.of(1)));
        }
        return prompts;
    }

    /** The pictures for an adapter. */
    private List<Picture> read(List<Path> files, int adapter) {
        List<Path> its =
                adapters.size() == 1 ? files : adapter < files.size() ? List.of(files.get(adapter)) : List.of();
        return its.stream().map(PictureFiles::read).toList();
    }

    List<String> arguments() {
        List<String> out = new ArrayList<>();
        adapters.forEach(value -> ModelOptions.add(out, "--ip-adapter", value));
        pictures.forEach(value -> ModelOptions.add(out, "--ip-picture", value));
        negatives.forEach(value -> ModelOptions.add(out, "--ip-negative", value));
        scales.forEach(value -> ModelOptions.add(out, "--ip-scale", value));
        encoders.forEach(value -> ModelOptions.add(out, "--image-encoder", value));
        return out;
    }
}
