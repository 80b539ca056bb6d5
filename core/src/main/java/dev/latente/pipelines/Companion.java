package dev.latente.pipelines;

import dev.latente.models.adapters.IpAdapterConfig;
import dev.latente.models.adapters.T2IAdapterConfig;
import dev.latente.models.clip.ClipVisionConfig;
import dev.latente.models.controlnet.ControlNetConfig;
import dev.latente.weights.TensorFile;
import dev.latente.weights.TensorFiles;
import dev.latente.weights.layout.ModelFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A network beside a checkpoint as a {@link MemoryBudget} sees it: from the headers of its files, before it is loaded.
 *
 * @param part its weights
 * @param shape what its work takes
 */
public record Companion(MemoryBudget.Part part, Shape shape) {
    /** States of a picture that CLIP's larger encoders make; for an adapter that is only given embeddings. */
    private static final long STATES = 257;

    /**
     * Values that a network holds beside its weights.
     *
     * @param seeing at the most while it sees its pictures, before the first call of the U-Net
     * @param kept of what it saw, as long as is drawn
     * @param call at the most while it is called before the U-Net
     * @param left of that while the U-Net is called
     */
    record Work(long seeing, long kept, long call, long left) {}

    /** How work depends on what is drawn. */
    @FunctionalInterface
    interface Shape {
        /**
         * The work beside a U-Net.
         *
         * @param factor pixels of a picture for each latent, along a side
         * @param batch of the U-Net's calls
         */
        Work at(Size size, int factor, int batch);
    }

    /** Of {@link ControlNetCheckpoint#load(Path, LoadOptions)}. */
    public static Companion controlNet(Path folderOrFile, LoadOptions options) {
        return of(folderOrFile, "controlnet", options, (part, json) -> {
            ControlNetConfig config = ControlNetConfig.of(json);
            return new Companion(
                    part,
                    (size, factor, batch) ->
                            WorkingMemory.controlNet(config, size.height() / factor, size.width() / factor, batch));
        });
    }

    /** Of {@link T2IAdapterCheckpoint#load(Path, LoadOptions)}. */
    public static Companion t2iAdapter(Path folderOrFile, LoadOptions options) {
        return of(folderOrFile, "t2i_adapter", options, (part, json) -> {
            T2IAdapterConfig config = T2IAdapterConfig.of(json);
            return new Companion(part, (size, factor, batch) -> WorkingMemory.t2iAdapter(config, size, batch));
        });
    }

    /**
     * Of {@link IpAdapterCheckpoint#load(Path, Path, LoadOptions)}: the adapter, and the encoder if there is one.
     *
     * @param pictures that it is shown
     */
    public static List<Companion> ipAdapter(Path file, @Nullable Path encoder, int pictures, LoadOptions options) {
        if (encoder == null) {
            return List.of(ipAdapter(file, STATES, pictures, options));
        }
        return of(encoder, "image_encoder", options, (part, json) -> {
            ClipVisionConfig config = ClipVisionConfig.of(json);
            return List.of(
                    ipAdapter(file, config.positions(), pictures, options),
                    new Companion(part, (size, factor, batch) -> WorkingMemory.imageEncoder(config, pictures)));
        });
    }

    private static Companion ipAdapter(Path path, long states, int pictures, LoadOptions options) {
        try (TensorFile file = TensorFiles.open(path)) {
            IpAdapterConfig config = IpAdapterConfig.of(file);
            long tokens = pictures * config.projection().tokens(states);
            return new Companion(
                    MemoryBudget.stored("ip_adapter", options.dtype(), file.tensors()),
                    (size, factor, batch) -> WorkingMemory.ipAdapter(config, tokens, batch));
        }
    }

    private static <T> T of(
            Path path, String component, LoadOptions options, BiFunction<MemoryBudget.Part, JsonNode, T> build) {
        try (ModelFiles files = ModelFiles.open(path, component, options.files().variant())) {
            return build.apply(MemoryBudget.stored(component, options.dtype(), files.tensors()), files.config());
        }
    }

    /** The values of a call of a U-Net and of what comes before it, with these beside it. */
    static long most(long unet, Stream<Work> beside) {
        List<Work> all = beside.toList();
        long kept = all.stream().mapToLong(Work::kept).sum();
        long most = 0;
        long left = 0;
        for (Work each : all) {
            most = Math.max(most, Math.max(each.seeing, left + each.call));
            left += each.left;
        }
        return kept + Math.max(most, left + unet);
    }
}
