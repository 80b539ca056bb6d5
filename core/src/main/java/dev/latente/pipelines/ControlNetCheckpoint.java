package dev.latente.pipelines;

import dev.latente.models.controlnet.ControlNet;
import dev.latente.models.controlnet.ControlNetConfig;
import dev.latente.nn.Kept;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.WeightLayout;
import dev.latente.weights.WeightSources;
import dev.latente.weights.WeightsException;
import dev.latente.weights.layout.ModelFiles;
import java.nio.file.Path;

/** A loaded ControlNet. Thread-safe. Close it when no run uses it any more. */
public final class ControlNetCheckpoint implements AutoCloseable {
    private final Arena arena = new Arena();
    private final ModelFiles files; // open as long as weights are taken from them
    private final ControlNet net;
    private final Kept kept;
    private final DType dtype;
    private final Device device;
    private final Path path;

    private ControlNetCheckpoint(Path path, LoadOptions options) {
        this.path = path;
        dtype = options.dtype();
        device = options.device();
        kept = Kept.in(options.residency().room());
        String variant = options.files().variant();
        files = options.files().streamed()
                ? ModelFiles.stream(path, "controlnet", variant)
                : ModelFiles.open(path, "controlnet", variant);
        try {
            Params params =
                    Params.of(WeightSources.cast(files.weights(), dtype, device), arena, WeightLayout.PREPARED, kept);
            net = new ControlNet(params, ControlNetConfig.of(files.config()));
            params.requireAllUsed();
            if (options.residency().isAll()) {
                files.close();
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
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
        return new ControlNetCheckpoint(folderOrFile, options);
    }

    public ControlNet net() {
        return net;
    }

    public DType dtype() {
        return dtype;
    }

    public Device device() {
        return device;
    }

    @Override
    public void close() {
        kept.close();
        arena.close();
        files.close();
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
