package dev.latente.mundo.judge;

import dev.latente.image.Picture;
import dev.latente.mundo.Mount;
import dev.latente.mundo.Place;
import dev.latente.mundo.Subject;
import dev.latente.mundo.Thing;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.weights.Safetensors;
import dev.latente.weights.TensorFile;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import dev.latente.weights.WeightsException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Says what a picture of the world shows. A network that {@link JudgeTraining} trained on drawn pictures; no generator ever learns
 * from it, so it may measure them. Thread-safe until it is closed.
 */
public final class Judge implements AutoCloseable {
    private static final String SHIPPED = "judge.safetensors";

    private final Arena arena = new Arena();
    private final JudgeNetwork network;

    Judge(WeightSource weights) {
        Params params = Params.of(WeightSources.cast(weights, DType.F32, Device.CPU), arena);
        network = new JudgeNetwork(params);
        params.requireAllUsed();
    }

    /** The one that comes with the library. */
    public static Judge load() {
        try (InputStream in = Objects.requireNonNull(Judge.class.getResourceAsStream(SHIPPED), SHIPPED)) {
            Path file = Files.createTempFile("judge", ".safetensors");
            try {
                Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
                return load(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * One from a file that {@link JudgeTraining} wrote.
     *
     * @throws WeightsException if it was trained for another world
     */
    public static Judge load(Path file) {
        try (TensorFile weights = Safetensors.open(file)) {
            for (Head head : Head.values()) {
                String names = weights.metadata().get(head.key());
                if (!head.names().equals(names)) {
                    throw new WeightsException("%s: the judge knows %s [%s], this world has [%s]: train it anew"
                            .formatted(file, head.key(), names, head.names()));
                }
            }
            return new Judge(weights);
        }
    }

    /** One verdict for each picture of 128x128 pixels. */
    public List<Verdict> judge(List<Picture> pictures) {
        return Scopes.within(() -> {
            Map<Head, long[]> found = new EnumMap<>(Head.class);
            network.forward(JudgeNetwork.input(pictures))
                    .forEach((head, logits) ->
                            found.put(head, Ops.longs(logits.argsort(1, true).select(1, 0))));
            return IntStream.range(0, pictures.size())
                    .mapToObj(i -> new Verdict(
                            Objects.requireNonNull(pick(Verdict.Kind.values(), found.get(Head.KIND), i)),
                            pick(Place.values(), found.get(Head.PLACE), i),
                            pick(Subject.values(), found.get(Head.SUBJECT), i),
                            pick(Mount.values(), found.get(Head.MOUNT), i),
                            pick(Thing.values(), found.get(Head.THING), i)))
                    .toList();
        });
    }

    private static <E> @Nullable E pick(E[] answers, long @Nullable [] numbers, int i) {
        int number = (int) Objects.requireNonNull(numbers)[i];
        return number == 0 ? null : answers[number - 1];
    }

    @Override
    public void close() {
        arena.close();
    }
}
