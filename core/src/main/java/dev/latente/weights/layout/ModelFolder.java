package dev.latente.weights.layout;

import dev.latente.weights.TensorFile;
import dev.latente.weights.TensorFiles;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightsException;
import java.nio.file.Path;
import java.util.ArrayList;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A folder with one model, such as a ControlNet: {@code config.json} and the weights, whole or in shards. Thread-safe; the
 * weights stay valid after it is closed.
 */
public final class ModelFolder implements AutoCloseable {
    private final JsonNode config;
    private final TensorFile file;
    private final ComponentWeights weights;

    private ModelFolder(DiffusersFolder folder) {
        config = folder.config();
        file = TensorFiles.open(folder.file());
        try {
            weights = folder.weights(file, new ArrayList<>());
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /**
     * Opens it; reads no tensor data.
     *
     * @param variant of the weights, such as fp16, where it is there; or null
     * @throws WeightsException if the configuration or the weights are missing or broken
     */
    public static ModelFolder open(Path folder, @Nullable String variant) {
        return new ModelFolder(new DiffusersFolder(folder, variant));
    }

    public JsonNode config() {
        return config;
    }

    /** Under the names of diffusers or transformers. */
    public WeightSource weights() {
        return weights;
    }

    /** A weight as it is stored, in the caller's scope. */
    public Tensor tensor(String name) {
        return weights.tensor(name);
    }

    @Override
    public void close() {
        file.close();
    }
}
