package dev.latente.training.recipe;

import dev.latente.image.VaeImages;
import dev.latente.models.clip.ClipTextConfig;
import dev.latente.models.clip.ClipTextModel;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConfig;
import dev.latente.models.vae.AutoencoderKL;
import dev.latente.models.vae.Moments;
import dev.latente.models.vae.VaeConfig;
import dev.latente.nn.Params;
import dev.latente.nn.Shapes;
import dev.latente.pipelines.Checkpoint;
import dev.latente.pipelines.LatentPreview;
import dev.latente.tensor.Arena;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.text.ClipTokenizer;
import dev.latente.training.Initial;
import dev.latente.training.Parameters;
import dev.latente.training.Task;
import dev.latente.training.Trainer;
import dev.latente.training.data.Dataset;
import dev.latente.training.data.TensorCache;
import dev.latente.training.report.Drawn;
import dev.latente.training.report.PromptSamples;
import dev.latente.training.tasks.DiffusionTask;
import dev.latente.training.tasks.LatentBatch;
import dev.latente.training.tasks.LatentStore;
import dev.latente.weights.Json;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import dev.latente.weights.layout.ModelFiles;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Trains the U-Net, and the text encoder if it is to learn; writes {@code unet/} and, with the parts it was trained for, a whole checkpoint. */
final class UNetLearner implements Learner {
    private static final String UNET = "unet.";
    private static final String TEXT = "text_encoder.";
    /** Pictures that the colours of previews are fitted to. */
    private static final int SHOWN = 64;

    private static final List<String> PARTS = List.of("vae", "text_encoder", "tokenizer");

    private final Arena arena = new Arena();
    private final UNetTraining training;
    private final Recipe recipe;
    private final Map<String, long[]> shapes;
    private final Map<String, long[]> textShapes;
    private final Parameters parameters;
    private final Task task;
    private final ModelFiles text;
    private final AutoencoderKL vae;
    private final double scalingFactor;
    private final Dataset pictures;
    private @Nullable LatentStore latents;

    UNetLearner(UNetTraining training, Recipe recipe, TrainingData data) {
        this.training = training;
        this.recipe = recipe;
        if (training.textEncoder() && inPlace(recipe.export())) {
            throw new IllegalArgumentException(
                    "train_text_encoder: the run begins with the text encoder of [%s] and would write the trained one there: export to another folder"
                            .formatted(training.parts()));
        }
        shapes = Shapes.of(p -> new UNet2DCondition(p, training.config()));
        text = part("text_encoder");
        pictures = data.fitted();
        try (ModelFiles vaeFiles = part("vae")) {
            VaeConfig vaeConfig = VaeConfig.of(vaeFiles.config());
            ClipTextConfig textConfig = ClipTextConfig.of(text.config());
            textShapes = Shapes.of(p -> new ClipTextModel(p, textConfig));
            requireFit(training.config(), vaeConfig, textConfig);
            vae = new AutoencoderKL(Params.of(cast(vaeFiles), arena), vaeConfig);
            scalingFactor = vaeConfig.scalingFactor();
            DiffusionTask.Model model = new DiffusionTask.Model(
                            training.config(),
                            textConfig,
                            ClipTokenizer.load(training.parts().resolve("tokenizer")),
                            training.objective().schedule(),
                            scalingFactor)
                    .withDevice(recipe.device());
            DiffusionTask diffusion =
                    new DiffusionTask(model, training.objective().task(), latents(data));
            task = training.textEncoder() ? diffusion : besideFrozenText(diffusion);
            parameters = initial();
        } catch (RuntimeException e) {
            closeParts();
            throw e;
        }
    }

    private LatentPreview preview() {
        return Scopes.within(() -> {
            Tensor pixels = Ops.cat(
                    0,
                    IntStream.range(0, Math.min(SHOWN, pictures.size()))
                            .mapToObj(i -> VaeImages.normalize(
                                    pictures.get(i).picture().toTensor()))
                            .toArray(Tensor[]::new));
            Tensor mean = new Moments(vae.encode(pixels).parameters()).mean();
            return LatentPreview.fit(Ops.mul(mean, scalingFactor), pixels);
        });
    }

    private Task besideFrozenText(Task diffusion) {
        WeightSource frozen = cast(text);
        return (weights, turn) -> diffusion.loss(
                WeightSources.joined(Map.of(UNET, WeightSources.below(weights, UNET), TEXT, frozen)), turn);
    }

    private Parameters initial() {
        Map<String, long[]> learn = new LinkedHashMap<>();
        Map<String, WeightSource> begin = new LinkedHashMap<>();
        shapes.forEach((name, shape) -> learn.put(UNET + name, shape));
        begin.put(UNET, Initial.of(recipe.config().seed()));
        if (training.textEncoder()) {
            textShapes.forEach((name, shape) -> learn.put(TEXT + name, shape));
            begin.put(TEXT, text.weights());
        }
        return new Parameters(learn, WeightSources.joined(begin), recipe.device());
    }

    private boolean inPlace(Path folder) {
        return folder.toAbsolutePath()
                .normalize()
                .equals(training.parts().toAbsolutePath().normalize());
    }

    private ModelFiles part(String name) {
        return ModelFiles.open(training.parts().resolve(name), name, null);
    }

    private WeightSource cast(ModelFiles files) {
        return WeightSources.cast(files.weights(), recipe.config().dtype(), recipe.device());
    }

    private static void requireFit(UNetConfig unet, VaeConfig vae, ClipTextConfig text) {
        if (unet.inChannels() != vae.latentChannels() || unet.outChannels() != vae.latentChannels()) {
            throw new IllegalArgumentException("unet: in_channels [%d] and out_channels [%d], but the latents have [%d]"
                    .formatted(unet.inChannels(), unet.outChannels(), vae.latentChannels()));
        }
        for (UNetConfig.Stage stage : unet.down()) {
            if (stage.attention() && stage.contextSize() != text.size()) {
                throw new IllegalArgumentException("unet: cross_attention_dim [%d], but the text encoder gives [%d]"
                        .formatted(stage.contextSize(), text.size()));
            }
        }
    }

    /** From the store where each picture has one encoding, else encoded anew for each step. */
    private LongFunction<LatentBatch> latents(TrainingData data) {
        if (!data.config().repeats()) {
            return index -> {
                var batch = data.batches().apply(index);
                Moments moments = new Moments(vae.encode(batch.pixels()).parameters());
                return LatentBatch.of(
                        Ops.to(Ops.cat(1, moments.mean(), moments.std()), Device.CPU), batch.captions(), List.of());
            };
        }
        Path folder = data.config().cache() == null
                ? recipe.output().resolve("latents")
                : data.config().cache();
        String identity = TensorCache.key(
                TensorCache.hash(training.parts().resolve("vae")),
                data.config().source().identity(data.examples()),
                data.config().size());
        LatentStore store = new LatentStore(
                pictures, vae, new TensorCache(folder), identity, done -> data.encoded(done, pictures.size()));
        latents = store;
        return store.batches(data.plan(), recipe.config().seed());
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
        if (!inPlace(folder)) {
            PARTS.forEach(part -> Folders.copy(training.parts().resolve(part), folder.resolve(part)));
        }
        Folders.write(
                folder.resolve("unet").resolve(Folders.DIFFUSERS),
                training.json(),
                shapes,
                WeightSources.below(trained, UNET),
                recipe.exportType());
        if (training.textEncoder()) {
            Folders.write(
                    folder.resolve("text_encoder").resolve(Folders.TRANSFORMERS),
                    text.config(),
                    textShapes,
                    WeightSources.below(trained, TEXT),
                    recipe.exportType());
        }
        Folders.json(
                folder.resolve("scheduler").resolve("scheduler_config.json"),
                training.objective().scheduler());
        Folders.json(folder.resolve("model_index.json"), Json.parse("""
                {"_class_name": "StableDiffusionPipeline",
                 "feature_extractor": [null, null],
                 "image_encoder": [null, null],
                 "requires_safety_checker": false,
                 "safety_checker": [null, null],
                 "scheduler": ["diffusers", "DDIMScheduler"],
                 "text_encoder": ["transformers", "CLIPTextModel"],
                 "tokenizer": ["transformers", "CLIPTokenizer"],
                 "unet": ["diffusers", "UNet2DConditionModel"],
                 "vae": ["diffusers", "AutoencoderKL"]}
                """));
        ObjectNode usual = JsonNodeFactory.instance.objectNode();
        usual.set("preview", preview().json());
        Samples samples = recipe.samples();
        if (!samples.prompts().isEmpty()) {
            usual.put("steps", samples.steps())
                    .put("guidance", samples.guiding().scale())
                    .put("guidance_rescale", samples.guiding().rescale());
        }
        Folders.json(folder.resolve("latente.json"), usual);
    }

    @Override
    public List<Drawn> samples(Trainer trained, Path exported) {
        return new PromptSamples(
                        t -> Checkpoint.load(exported), recipe.samples().requests())
                .apply(trained);
    }

    @Override
    public void close() {
        parameters.close();
        closeParts();
    }

    private void closeParts() {
        if (latents != null) {
            latents.close();
        }
        text.close();
        arena.close();
    }
}
