package dev.latente.weights.layout;

import dev.latente.weights.ReadAhead;
import dev.latente.weights.TensorFile;
import dev.latente.weights.TensorFiles;
import dev.latente.weights.TensorInfo;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One model that is no part of a checkpoint, such as a ControlNet: a folder with {@code config.json} and the weights, or a
 * single file. Thread-safe; the weights stay valid after it is closed.
 */
public final class ModelFiles implements AutoCloseable {
    private final JsonNode config;
    private final @Nullable ReadAhead reads;
    private final TensorFile file;
    private final ComponentWeights weights;

    private ModelFiles(Path path, String component, @Nullable String variant, boolean streamed) {
        reads = streamed ? new ReadAhead() : null;
        @Nullable DiffusersFolder folder = Files.isDirectory(path) ? new DiffusersFolder(path, variant) : null;
        file = TensorFiles.open(folder == null ? path : folder.file(), reads);
        try {
            if (folder != null) {
                config = folder.config();
                weights = folder.weights(file, new ArrayList<>());
                return;
            }
            SingleFile single = new SingleFile(file);
            ComponentWeights found = single.components().get(component);
            if (found == null) {
                throw new WeightsException(
                        path,
                        null,
                        "has no [%s], only %s"
                                .formatted(component, single.components().keySet()));
            }
            config = single.config(component, Family.SD1);
            weights = found;
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Opens it; reads no tensor data.
     *
     * @param component what it should be, such as controlnet; a folder's {@code config.json} may say otherwise
     * @param variant of a folder's weights, such as fp16, where it is there; or null
     * @throws WeightsException if the configuration or the weights are missing or broken
     */
    public static ModelFiles open(Path folderOrFile, String component, @Nullable String variant) {
        return new ModelFiles(folderOrFile, component, variant, false);
    }

    /** As {@link #open}, with data that is read each time and freed after use, not mapped. */
    public static ModelFiles stream(Path folderOrFile, String component, @Nullable String variant) {
        return new ModelFiles(folderOrFile, component, variant, true);
    }

    /** What {@code config.json} says, or what the shapes of a single file tell. */
    public JsonNode config() {
        return config;
    }

    /** Under the names of diffusers or transformers. */
    public WeightSource weights() {
        return weights;
    }

    /** What the file says of the tensors that the weights are made of, by the first canonical name of each. */
    public Map<String, TensorInfo> tensors() {
        return weights.stored();
    }

    /** A weight as it is stored, in the caller's scope. */
    public Tensor tensor(String name) {
        return weights.tensor(name);
    }

    @Override
    public void close() {
        if (reads != null) {
            reads.close();
        }
        file.close();
    }
}
