package dev.latente.training.recipe;

import dev.latente.image.ClipImages;
import dev.latente.models.clip.ClipConfig;
import dev.latente.models.clip.ClipModel;
import dev.latente.nn.Shapes;
import dev.latente.text.ClipTokenizer;
import dev.latente.training.Initial;
import dev.latente.training.Parameters;
import dev.latente.training.Task;
import dev.latente.training.Trainer;
import dev.latente.training.report.Drawn;
import dev.latente.training.tasks.ClipTask;
import dev.latente.weights.Json;
import dev.latente.weights.WeightSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** Trains CLIP; writes {@code tokenizer/}, {@code text_encoder/} and the whole of it, {@code clip/}. */
final class ClipLearner implements Learner {
    private final Recipe recipe;
    private final Path vocabulary;
    private final ObjectNode json;
    private final ClipImages images;
    private final Map<String, long[]> shapes;
    private final Parameters parameters;
    private final Task task;

    ClipLearner(ClipTraining training, Recipe recipe, TrainingData data) {
        this.recipe = recipe;
        json = training.json().deepCopy();
        ObjectNode text = json.withObjectProperty(ClipTraining.TEXT);
        ObjectNode vision = json.withObjectProperty(ClipTraining.VISION);
        vocabulary = training.tokenizer() == null
                ? learned(training, data, text.path("max_position_embeddings").asInt(77))
                : training.tokenizer();
        ClipTokenizer tokenizer = ClipTokenizer.load(vocabulary);
        text.put("model_type", "clip_text_model")
                .put("vocab_size", tokenizer.size())
                .put("bos_token_id", tokenizer.bos())
                .put("eos_token_id", tokenizer.eos())
                .put("pad_token_id", tokenizer.pad());
        vision.put("model_type", "clip_vision_model");
        json.put("model_type", "clip").putArray("architectures").add("CLIPModel");
        long projection = json.path("projection_dim").asLong(512);
        text.put("projection_dim", projection);
        vision.put("projection_dim", projection);
        ClipConfig config = ClipConfig.of(json);
        images = ClipImages.of((int) config.vision().imageSize());
        shapes = Shapes.of(p -> new ClipModel(p, config));
        parameters = new Parameters(shapes, Initial.of(recipe.config().seed()), recipe.device());
        task = new ClipTask(config, tokenizer, images, data.batches());
    }

    /** The vocabulary of the captions, which a run that goes on finds in its folder. */
    private Path learned(ClipTraining training, TrainingData data, int positions) {
        Path folder = recipe.output().resolve("tokenizer");
        try {
            if (!Files.exists(folder.resolve("special_tokens_map.json"))) {
                recipe.data()
                        .source()
                        .vocabulary(data.examples(), training.vocabulary())
                        .save(folder, positions);
            }
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException("%s: cannot be written: %s".formatted(folder, e.getMessage()), e);
        }
    }

    @Override
    public Parameters parameters() {
        return parameters;
    }

    @Override
    public Task task() {
        return task;
    }

    @Override
    public void export(WeightSource trained, Path folder) {
        Path whole = folder.resolve("clip");
        Folders.write(whole.resolve(Folders.TRANSFORMERS), json, shapes, trained, recipe.exportType());
        Folders.json(whole.resolve("preprocessor_config.json"), preprocessor());
        Folders.copy(vocabulary, whole);
        Folders.copy(vocabulary, folder.resolve("tokenizer"));
        Map<String, long[]> text = new LinkedHashMap<>(shapes);
        text.keySet().removeIf(name -> !name.startsWith("text_model."));
        ObjectNode config = json.withObjectProperty(ClipTraining.TEXT).deepCopy();
        config.putArray("architectures").add("CLIPTextModel");
        Folders.write(
                folder.resolve("text_encoder").resolve(Folders.TRANSFORMERS),
                config,
                text,
                trained,
                recipe.exportType());
    }

    private ObjectNode preprocessor() {
        Map<String, Integer> square = Map.of("height", images.cropHeight(), "width", images.cropWidth());
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("image_processor_type", "CLIPImageProcessor");
        out.put("do_convert_rgb", true);
        out.put("do_resize", true);
        out.put("size", Map.of("shortest_edge", images.shortestEdge()));
        out.put("resample", 3);
        out.put("do_center_crop", true);
        out.put("crop_size", square);
        out.put("do_rescale", true);
        out.put("rescale_factor", 1.0 / 255);
        out.put("do_normalize", true);
        out.put("image_mean", List.copyOf(images.mean()));
        out.put("image_std", List.copyOf(images.std()));
        return (ObjectNode) Json.parse(Json.text(out));
    }

    /** Encoders draw nothing. */
    @Override
    public List<Drawn> samples(Trainer trained, Path exported) {
        return List.of();
    }

    @Override
    public void close() {
        parameters.close();
    }
}
