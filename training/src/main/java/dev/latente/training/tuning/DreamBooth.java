package dev.latente.training.tuning;

import dev.latente.image.PictureFiles;
import dev.latente.pipelines.Checkpoint;
import dev.latente.pipelines.Request;
import dev.latente.pipelines.TextToImage;
import dev.latente.training.tasks.LatentBatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.function.LongFunction;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * DreamBooth (Ruiz et al. 2023): a few pictures of a subject, called by a rare word and its class ("a photo of sks dog"),
 * beside pictures of the class ("a photo of a dog") that the model drew itself, so that it does not forget them. The subject
 * may be learned by any {@link Tuning}, with a prior weight in the objective.
 */
public final class DreamBooth {
    private static final Pattern PICTURE = Pattern.compile("(?i).*\\.(png|jpe?g|webp|bmp|gif)");

    private DreamBooth() {}

    /** Each batch of the subject, followed by one of its class. */
    public static LongFunction<LatentBatch> batches(
            LongFunction<LatentBatch> subject, LongFunction<LatentBatch> classes) {
        return index -> subject.apply(index).then(classes.apply(index));
    }

    /** How many pictures a folder lacks to have that many; all, if it is not there. */
    public static int missing(Path folder, int count) {
        if (!Files.isDirectory(folder)) {
            return count;
        }
        try (Stream<Path> files = Files.list(folder)) {
            long there =
                    files.filter(f -> PICTURE.matcher(f.toString()).matches()).count();
            return (int) Math.max(0, count - there);
        } catch (IOException e) {
            throw new UncheckedIOException("%s: cannot be listed: %s".formatted(folder, e.getMessage()), e);
        }
    }

    /**
     * Draws pictures of the class, {@code class-00000.png} and so on, until a folder has that many; those that are there are
     * not drawn again.
     *
     * @param request with the class's prompt and the seed of the first picture
     * @param progress told how many are still missing
     */
    public static void drawClass(Checkpoint checkpoint, Request request, int count, Path folder, IntConsumer progress) {
        Values.directory(folder);
        TextToImage draw = new TextToImage(checkpoint);
        for (int i = 0; missing(folder, count) > 0; i++) {
            Path file = folder.resolve("class-%05d.png".formatted(i));
            if (!Files.exists(file)) {
                Request one = request.withSeed(request.seeds().seed(0) + i);
                PictureFiles.writePng(file, draw.generate(one).get(0), Map.of());
                progress.accept(missing(folder, count));
            }
        }
    }
}
