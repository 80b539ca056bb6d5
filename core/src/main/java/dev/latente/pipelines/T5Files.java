package dev.latente.pipelines;

import dev.latente.models.t5.T5Config;
import dev.latente.tensor.DType;
import dev.latente.weights.WeightsException;
import dev.latente.weights.layout.CheckpointFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a checkpoint's T5 needs beside its weights. */
final class T5Files {
    static final String ENCODER = "text_encoder_3";
    private static final String TOKENIZER = "tokenizer_3";

    private T5Files() {}

    /**
     * The shape of the encoder.
     *
     * @param size of the states that the transformer takes
     * @throws WeightsException if it makes others
     */
    static T5Config config(CheckpointFiles files, long size) {
        T5Config config = T5Config.of(files.config(ENCODER));
        if (config.size() != size) {
            throw new WeightsException(
                    "%s: text_encoder_3: its states have the size [%d], the transformer takes [%d]: give another with --t5%s"
                            .formatted(files, config.size(), size, orNone(files)));
        }
        return config;
    }

    /** It was trained in bf16, and its states overflow in fp16. */
    static DType dtype(DType wanted) {
        return wanted == DType.F16 ? DType.BF16 : wanted;
    }

    /**
     * The folder of the tokenizer: that of the checkpoint, one that was given, or where the encoder was taken from.
     *
     * @throws WeightsException if there is none
     */
    static Path tokenizer(CheckpointFiles files, LoadOptions options) {
        List<Path> places = new ArrayList<>();
        add(places, files.tokenizer(TOKENIZER));
        Path given = options.tokenizer();
        if (given != null) {
            add(places, given.resolve(TOKENIZER));
            add(places, given.resolve(files.family().folder(TOKENIZER)));
            add(places, given);
        }
        Path encoder = options.files().components().get(ENCODER);
        if (encoder != null) {
            Path folder = Files.isDirectory(encoder)
                    ? encoder
                    : encoder.toAbsolutePath().getParent();
            add(places, folder);
            add(places, folder == null ? null : folder.resolve(TOKENIZER));
            add(places, folder == null ? null : folder.resolveSibling(TOKENIZER));
            add(places, folder == null ? null : folder.resolveSibling("tokenizer_2")); // of Flux.1
        }
        return places.stream()
                .filter(T5Files::isTokenizer)
                .findFirst()
                .orElseThrow(() -> new WeightsException(
                        "%s: text_encoder_3 has no tokenizer: put T5's spiece.model or tokenizer.json beside its weights, give a folder with tokenizer_3 in --tokenizer%s"
                                .formatted(files, orNone(files))));
    }

    /** What else can be done, by those that draw without it, too. */
    private static String orNone(CheckpointFiles files) {
        return files.family().isFlux() ? "" : ", or draw without T5 by --t5 none";
    }

    private static void add(List<Path> places, @Nullable Path place) {
        if (place != null) {
            places.add(place);
        }
    }

    /** CLIP's folder may have a tokenizer.json, too, but beside the files of its vocabulary. */
    private static boolean isTokenizer(Path folder) {
        return Files.isRegularFile(folder.resolve("spiece.model"))
                || (Files.isRegularFile(folder.resolve("tokenizer.json"))
                        && !Files.isRegularFile(folder.resolve("merges.txt")));
    }
}
