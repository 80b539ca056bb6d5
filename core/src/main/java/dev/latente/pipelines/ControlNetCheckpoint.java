package dev.latente.pipelines;

import dev.latente.models.controlnet.ControlNet;
import dev.latente.models.controlnet.ControlNetConfig;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.weights.WeightsException;
import java.nio.file.Path;

/** A loaded ControlNet (Zhang et al. 2023). Thread-safe. */
public final class ControlNetCheckpoint implements ControlModel {
    private final LoadedModel<ControlNet> loaded;

    private ControlNetCheckpoint(LoadedModel<ControlNet> loaded) {
        this.loaded = loaded;
    }

    /** Loads one in fp32 on the CPU. */
    public static ControlNetCheckpoint load(Path folderOrFile) {
        return load(folderOrFile, LoadOptions.DEFAULT);
    }

    /**
     * Loads a folder of diffusers, or a single file of diffusers' or of the original code.
     *
     * @param options those of the checkpoint that it shall steer
     * @throws WeightsException if it is no ControlNet, or broken
     */
    public static ControlNetCheckpoint load(Path folderOrFile, LoadOptions options) {
        return new ControlNetCheckpoint(LoadedModel.load(
                folderOrFile,
                "controlnet",
                "ControlNetModel",
                options,
                (p, config) -> new ControlNet(p, ControlNetConfig.of(config))));
    }

    public ControlNet net() {
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
        return (int) net().config().factor();
    }

    @Override
    public void close() {
        loaded.close();
    }

    @Override
    public String toString() {
        return "ControlNet " + loaded;
    }
}
