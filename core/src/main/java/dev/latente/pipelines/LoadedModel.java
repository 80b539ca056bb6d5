package dev.latente.pipelines;

import dev.latente.nn.Kept;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Memory;
import dev.latente.tensor.WeightLayout;
import dev.latente.weights.ReadAhead;
import dev.latente.weights.TensorFile;
import dev.latente.weights.TensorFiles;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import dev.latente.weights.WeightsException;
import dev.latente.weights.layout.ModelFiles;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/** A model beside a checkpoint, and what its weights need as long as it is used. Thread-safe. */
final class LoadedModel<T> implements AutoCloseable {
    /** What gives the command a model of a class, for whoever gave it as another. */
    private static final Map<String, String> OPTIONS =
            Map.of("ControlNetModel", "--controlnet", "T2IAdapter", "--t2i-adapter");

    private final Arena arena = new Arena();
    private final Runnable files; // closes what weights are taken from
    private final T model;
    private final Kept kept;
    private final DType dtype;
    private final Device device;
    private final Path path;

    private LoadedModel(
            Path path, WeightSource weights, Runnable files, LoadOptions options, Function<Params, T> build) {
        this.path = path;
        this.files = files;
        dtype = options.dtype();
        device = options.device();
        kept = Kept.in(options.residency().room());
        try {
            Params params = Params.of(WeightSources.cast(weights, dtype, device), arena, WeightLayout.PREPARED, kept);
            model = build.apply(params);
            params.requireAllUsed();
            Memory.trim(); // weights as they were stored
            if (options.residency().isAll()) {
                files.run();
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Loads a folder of diffusers or a single file.
     *
     * @param component what single files call it, such as controlnet
     * @param type what a folder calls its class, such as ControlNetModel
     */
    static <T> LoadedModel<T> load(
            Path path, String component, String type, LoadOptions options, BiFunction<Params, JsonNode, T> build) {
        String variant = options.files().variant();
        ModelFiles files = options.files().streamed()
                ? ModelFiles.stream(path, component, variant)
                : ModelFiles.open(path, component, variant);
        String got = files.config().path("_class_name").asString(type);
        if (!got.equals(type)) {
            files.close();
            String other = OPTIONS.containsKey(got) ? ": give it with " + OPTIONS.get(got) : "";
            throw new WeightsException(path, null, "is a [%s], wanted a [%s]%s".formatted(got, type, other));
        }
        return new LoadedModel<>(path, files.weights(), files::close, options, p -> build.apply(p, files.config()));
    }

    /** Loads a file whose shapes say what it is. */
    static <T> LoadedModel<T> load(Path path, LoadOptions options, BiFunction<Params, TensorFile, T> build) {
        ReadAhead reads = options.files().streamed() ? new ReadAhead() : null;
        TensorFile file = TensorFiles.open(path, reads);
        Runnable close = () -> {
            if (reads != null) {
                reads.close();
            }
            file.close();
        };
        return new LoadedModel<>(path, file, close, options, p -> build.apply(p, file));
    }

    T model() {
        return model;
    }

    DType dtype() {
        return dtype;
    }

    Device device() {
        return device;
    }

    @Override
    public void close() {
        kept.close();
        arena.close();
        files.run();
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
