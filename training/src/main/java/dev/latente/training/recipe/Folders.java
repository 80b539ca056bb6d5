package dev.latente.training.recipe;

import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.weights.Json;
import dev.latente.weights.SafetensorsWriter;
import dev.latente.weights.TensorInfo;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Parts of a model as diffusers and transformers lay them out. */
final class Folders {
    /** The name of a weight file of diffusers. */
    static final String DIFFUSERS = "diffusion_pytorch_model.safetensors";

    /** The name of a weight file of transformers. */
    static final String TRANSFORMERS = "model.safetensors";

    private Folders() {}

    /** Writes {@code config.json} and the weights of those names and shapes. */
    static void write(Path file, JsonNode config, Map<String, long[]> shapes, WeightSource weights, DType dtype) {
        WeightSource stored = WeightSources.cast(weights, dtype, Device.CPU);
        List<TensorInfo> tensors = shapes.entrySet().stream()
                .map(e -> info(e.getKey(), e.getValue(), dtype))
                .toList();
        json(file.resolveSibling("config.json"), config);
        SafetensorsWriter.of(tensors, name -> stored.get(name, Objects.requireNonNull(shapes.get(name))))
                .withMetadata(Map.of("format", "pt"))
                .write(file);
    }

    private static TensorInfo info(String name, long[] shape, DType dtype) {
        long count = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        return new TensorInfo(name, dtype.code(), Arrays.stream(shape).boxed().toList(), count * dtype.bytes());
    }

    /** Writes JSON, in a folder that is made if it is not there. */
    static void json(Path file, JsonNode json) {
        try {
            Files.createDirectories(file.getParent());
        } catch (IOException e) {
            throw new UncheckedIOException("%s: cannot be made: %s".formatted(file.getParent(), e.getMessage()), e);
        }
        Json.write(file, json);
    }

    /** Copies a folder of files. */
    static void copy(Path from, Path to) {
        try (Stream<Path> files = Files.list(from)) {
            Files.createDirectories(to);
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("%s: cannot be copied to %s: %s".formatted(from, to, e.getMessage()), e);
        }
    }
}
