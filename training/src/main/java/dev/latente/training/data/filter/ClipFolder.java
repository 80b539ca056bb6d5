package dev.latente.training.data.filter;

import dev.latente.image.ClipImages;
import dev.latente.models.clip.ClipVisionConfig;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.weights.Json;
import dev.latente.weights.TensorFile;
import dev.latente.weights.TensorFiles;
import dev.latente.weights.WeightSources;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * A folder with a CLIP, as transformers writes it: {@code config.json}, the weights, and how pictures are prepared in a
 * {@code preprocessor_config.json} there or in {@code ../feature_extractor}.
 */
record ClipFolder(Path folder) {
    private static final List<String> WEIGHTS =
            List.of("model.safetensors", "model.safetensors.index.json", "model.fp16.safetensors", "pytorch_model.bin");

    JsonNode config() {
        return Json.read(folder.resolve("config.json"));
    }

    /** Builds a model from the weights, in fp32. */
    <T> T load(Arena arena, Function<Params, T> model) {
        Path path = WEIGHTS.stream()
                .map(folder::resolve)
                .filter(Files::exists)
                .findFirst()
                .orElse(folder.resolve(WEIGHTS.get(0)));
        try (TensorFile file = TensorFiles.open(path)) {
            return model.apply(Params.of(WeightSources.cast(file, DType.F32, Device.CPU), arena));
        }
    }

    ClipImages images() {
        return Stream.of(folder, folder.resolveSibling("feature_extractor"))
                .map(f -> f.resolve("preprocessor_config.json"))
                .filter(Files::exists)
                .findFirst()
                .map(f -> ClipImages.of(Json.read(f)))
                .orElseGet(
                        () -> ClipImages.of((int) ClipVisionConfig.of(config()).imageSize()));
    }
}
