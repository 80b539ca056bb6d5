package dev.latente.pipelines;

import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.weights.layout.CheckpointFiles;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How a checkpoint is loaded.
 *
 * @param dtype of the weights and of the arithmetic: fp32, fp16 or bf16
 * @param device where it runs
 * @param files which files, and what is taken from elsewhere
 * @param tokenizer a tokenizer folder, or a folder of diffusers with one, for a single file, which has none; or null
 */
public record LoadOptions(
        DType dtype,
        Device device,
        CheckpointFiles.Options files,
        @Nullable Path tokenizer) {
    public static final LoadOptions DEFAULT = of(DType.F32, Device.CPU);

    public LoadOptions {
        if (dtype != DType.F32 && dtype != DType.F16 && dtype != DType.BF16) {
            throw new IllegalArgumentException("dtype: got [%s], wanted fp32, fp16 or bf16".formatted(dtype));
        }
    }

    public static LoadOptions of(DType dtype, Device device) {
        return new LoadOptions(dtype, device, CheckpointFiles.Options.DEFAULT, null);
    }

    /** Prefers files of that variant, such as fp16. */
    public LoadOptions withVariant(@Nullable String name) {
        return name == null ? this : new LoadOptions(dtype, device, files.withVariant(name), tokenizer);
    }

    /** Takes a model, such as vae, from another folder or file. */
    public LoadOptions withComponent(String component, Path from) {
        return new LoadOptions(dtype, device, files.withComponent(component, from), tokenizer);
    }

    /** Says what a single file's U-Net predicts: epsilon or v_prediction. */
    public LoadOptions withPredictionType(@Nullable String type) {
        return type == null ? this : new LoadOptions(dtype, device, files.withPredictionType(type), tokenizer);
    }

    public LoadOptions withTokenizer(Path folder) {
        return new LoadOptions(dtype, device, files, folder);
    }
}
