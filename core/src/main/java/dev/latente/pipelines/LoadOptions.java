package dev.latente.pipelines;

import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.weights.layout.CheckpointFiles;
import dev.latente.weights.lora.LoraScale;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How a checkpoint is loaded.
 *
 * @param dtype of the weights and of the arithmetic: fp32, fp16 or bf16
 * @param device where it runs
 * @param files which files, and what is taken from elsewhere
 * @param tokenizer a tokenizer folder, or a folder of diffusers with one, for a single file, which has none; or null
 * @param loras that are merged into the weights, one after the other
 * @param embeddings new words for the prompts (textual inversion)
 * @param residency which weights stay in memory
 * @param tiling whether pictures larger than those that the autoencoder was trained on pass it in tiles that overlap, which
 *     bounds its memory and changes them a little
 */
public record LoadOptions(
        DType dtype,
        Device device,
        CheckpointFiles.Options files,
        @Nullable Path tokenizer,
        List<ScaledLora> loras,
        List<NamedEmbedding> embeddings,
        Residency residency,
        boolean tiling) {
    public static final LoadOptions DEFAULT = of(DType.F32, Device.CPU);

    /** A file of LoRA or one of its relatives, and how strongly it changes what. */
    public record ScaledLora(Path file, LoraScale scale) {}

    /** A file of learned vectors and the word that means them; null for the name in the file, or else the file's name. */
    public record NamedEmbedding(Path file, @Nullable String token) {}

    public LoadOptions {
        if (dtype != DType.F32 && dtype != DType.F16 && dtype != DType.BF16) {
            throw new IllegalArgumentException("dtype: got [%s], wanted fp32, fp16 or bf16".formatted(dtype));
        }
        loras = List.copyOf(loras);
        embeddings = List.copyOf(embeddings);
    }

    public static LoadOptions of(DType dtype, Device device) {
        return new LoadOptions(
                dtype, device, CheckpointFiles.Options.DEFAULT, null, List.of(), List.of(), Residency.ALL, false);
    }

    /** Prefers files of that variant, such as fp16. */
    public LoadOptions withVariant(@Nullable String name) {
        return name == null ? this : withFiles(files.withVariant(name));
    }

    /** Takes a model, such as vae, from another folder or file. */
    public LoadOptions withComponent(String component, Path from) {
        return withFiles(files.withComponent(component, from));
    }

    /** Leaves a model out that the checkpoint can do without, such as text_encoder_3. */
    public LoadOptions withoutComponent(String component) {
        return withFiles(files.withoutComponent(component));
    }

    /** Says what a single file's U-Net predicts: epsilon or v_prediction. */
    public LoadOptions withPredictionType(@Nullable String type) {
        return type == null ? this : withFiles(files.withPredictionType(type));
    }

    private LoadOptions withFiles(CheckpointFiles.Options value) {
        return new LoadOptions(dtype, device, value, tokenizer, loras, embeddings, residency, tiling);
    }

    public LoadOptions withTokenizer(Path folder) {
        return new LoadOptions(dtype, device, files, folder, loras, embeddings, residency, tiling);
    }

    /** One more LoRA, of any layout that {@link dev.latente.weights.lora.LoraFile} reads. */
    public LoadOptions withLora(Path file, double scale) {
        return withLora(file, LoraScale.of(scale));
    }

    /** As above, with scales of their own for text encoders and blocks. */
    public LoadOptions withLora(Path file, LoraScale scale) {
        return new LoadOptions(
                dtype,
                device,
                files,
                tokenizer,
                more(loras, new ScaledLora(file, scale)),
                embeddings,
                residency,
                tiling);
    }

    /** One more word. */
    public LoadOptions withEmbedding(Path file, @Nullable String token) {
        return new LoadOptions(
                dtype,
                device,
                files,
                tokenizer,
                loras,
                more(embeddings, new NamedEmbedding(file, token)),
                residency,
                tiling);
    }

    /** Keeps some of the weights in memory, and takes the others from the files whenever they are needed. */
    public LoadOptions withResidency(Residency value) {
        return new LoadOptions(
                dtype,
                device,
                value.streamed() ? files.withStreaming() : files,
                tokenizer,
                loras,
                embeddings,
                value,
                tiling);
    }

    /** Lets large pictures pass the autoencoder in tiles. */
    public LoadOptions withTiling(boolean value) {
        return new LoadOptions(dtype, device, files, tokenizer, loras, embeddings, residency, value);
    }

    private static <T> List<T> more(List<T> list, T last) {
        return Stream.concat(list.stream(), Stream.of(last)).toList();
    }
}
