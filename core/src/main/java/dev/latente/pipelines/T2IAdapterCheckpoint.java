package dev.latente.pipelines;

import dev.latente.models.adapters.T2IAdapter;
import dev.latente.models.adapters.T2IAdapterConfig;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.weights.WeightsException;
import java.nio.file.Path;

/** A loaded T2I-Adapter (Mou et al. 2023). Thread-safe. */
public final class T2IAdapterCheckpoint implements ControlModel {
    private final LoadedModel<T2IAdapter> loaded;

    private T2IAdapterCheckpoint(LoadedModel<T2IAdapter> loaded) {
        this.loaded = loaded;
    }

    /** Loads one in fp32 on the CPU. */
    public static T2IAdapterCheckpoint load(Path folderOrFile) {
        return load(folderOrFile, LoadOptions.DEFAULT);
    }

    /**
     * Loads a folder of diffusers, or a single file of diffusers' or of the original code.
     *
     * @param options those of the checkpoint that it shall steer
     * @throws WeightsException if it is no T2I-Adapter, or broken
     */
    public static T2IAdapterCheckpoint load(Path folderOrFile, LoadOptions options) {
        return new T2IAdapterCheckpoint(LoadedModel.load(
                folderOrFile,
                "t2i_adapter",
                "T2IAdapter",
                options,
                (p, config) -> new T2IAdapter(p, T2IAdapterConfig.of(config))));
    }

    public T2IAdapter adapter() {
        return loaded.model();
    }

    @Override
    public DType dtype() {
        return loaded.dtype();
    }

    @Override
    public Device device() {
        return loaded.device();
    }

    @Override
    public int unit() {
        return (int) adapter().config().factor();
    }

    @Override
    public void close() {
        loaded.close();
    }

    @Override
    public String toString() {
        return "T2I-Adapter " + loaded;
    }
}
