package dev.latente.pipelines;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.diffusion.Scheduler;
import dev.latente.diffusion.SchedulerConfig;
import dev.latente.diffusion.Schedulers;
import dev.latente.diffusion.Steps;
import dev.latente.golden.ControlNetGoldenTest;
import dev.latente.golden.Golden;
import dev.latente.golden.GoldenCase;
import dev.latente.golden.IpAdapterGoldenTest;
import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import dev.latente.image.VaeImages;
import dev.latente.tensor.Ops;
import dev.latente.weights.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Whole runs of tiny checkpoints: timesteps, latents after every model call, pictures. */
@Tag("golden")
class PipelinesGoldenTest {
    @TestFactory
    Stream<DynamicTest> variants() {
        return Golden.tests(
                "pipelines",
                c -> true,
                c -> c.json().path("variants").propertyNames(),
                (c, name) ->
                        new Variant(c, name, c.path(c.json().path("model").asString()), LoadOptions.DEFAULT).check());
    }

    @TestFactory
    Stream<DynamicTest> steered() {
        return Golden.tests(
                "control",
                c -> true,
                c -> c.json().path("variants").propertyNames(),
                (c, name) -> new Variant(
                                c,
                                name,
                                c.tree().resolve(c.json().path("base_model").asString()),
                                LoadOptions.DEFAULT)
                        .check());
    }

    /** One run of a case, of a checkpoint that may be loaded with adapters. */
    static final class Variant {
        private final GoldenCase c;
        private final String name;
        private final JsonNode json;
        private final JsonNode arguments;
        private final String pipeline;
        private final Path model;
        private final LoadOptions options;

        Variant(GoldenCase c, String name, Path model, LoadOptions options) {
            this.c = c;
            this.name = name;
            this.model = model;
            this.options = options;
            json = c.json().path("variants").path(name);
            arguments = json.path("arguments");
            pipeline = json.path("pipeline_class").asString();
        }

        void check() {
            List<ControlModel> nets = new ArrayList<>();
            List<IpAdapterCheckpoint> adapters = new ArrayList<>();
            try (Checkpoint checkpoint = Checkpoint.load(model, options)) {
                if (steered()) {
                    boolean full = ControlNetGoldenTest.takes(c);
                    ControlNetGoldenTest.nets(c)
                            .forEach(net ->
                                    nets.add(full ? ControlNetCheckpoint.load(net) : T2IAdapterCheckpoint.load(net)));
                }
                IpAdapterGoldenTest.files(c)
                        .forEach(file -> adapters.add(IpAdapterCheckpoint.load(file, encoder(), LoadOptions.DEFAULT)));
                Request request = request().withControls(controls(nets)).withPictures(pictures(adapters));
                checkTimesteps(checkpoint, request);
                if (arguments.has("padding_mask_crop")) {
                    checkPng(new Inpaint(checkpoint)
                            .generate(request, source(), Progress.NONE)
                            .toArray(new Picture[0]));
                    return;
                }
                Tensor latents = latents(checkpoint, request);
                if (c.has(name + "/image")
                        && arguments.path("output_type").asString("pil").equals("pil")) {
                    checkPictures(checkpoint, latents);
                }
            } finally {
                nets.forEach(ControlModel::close);
                adapters.forEach(IpAdapterCheckpoint::close);
            }
        }

        private boolean steered() {
            return pipeline.contains("ControlNet") || pipeline.contains("AdapterPipeline");
        }

        private boolean enlarges() {
            return pipeline.contains("Upscale");
        }

        /** Whether the run starts from a picture, and not only is steered by one. */
        private boolean starts() {
            return !enlarges() && arguments.has(steered() ? "control_image" : "image") && arguments.has("image");
        }

        private List<PicturePrompt> pictures(List<IpAdapterCheckpoint> adapters) {
            List<PicturePrompt> pictures = new ArrayList<>();
            for (int i = 0; i < adapters.size(); i++) {
                JsonNode shown = arguments.path("ip_adapter_image").path(i);
                if (!shown.isMissingNode()) {
                    pictures.add(PicturePrompt.of(
                                    adapters.get(i),
                                    list(shown).stream()
                                            .map(p -> PictureFiles.read(
                                                    c.path(p.path("png").asString())))
                                            .toArray(Picture[]::new))
                            .withScale(pictureScale()));
                    continue;
                }
                Tensor both = c.tensor(arguments
                        .path("ip_adapter_image_embeds")
                        .get(i)
                        .path("tensor")
                        .asString());
                long rows = both.size(0);
                PicturePrompt.Embeddings embeddings = guided()
                        ? new PicturePrompt.Embeddings(
                                Ops.slice(both, 0, rows / 2, rows), Ops.slice(both, 0, 0, rows / 2))
                        : new PicturePrompt.Embeddings(both, null);
                pictures.add(PicturePrompt.of(adapters.get(i), embeddings).withScale(pictureScale()));
            }
            return pictures;
        }

        private @Nullable Path encoder() {
            String folder = c.json().path("image_encoder").asString("");
            return folder.isEmpty() ? null : c.path(folder);
        }

        /** The reference sets it on the pipeline and not in the call; the notes say it. */
        private double pictureScale() {
            return c.json()
                    .path("notes")
                    .valueStream()
                    .map(JsonNode::asString)
                    .filter(note -> note.matches("%s:.*scale [0-9.]+[0-9].*".formatted(name)))
                    .mapToDouble(note -> Double.parseDouble(note.replaceAll(".*scale ([0-9.]*[0-9]).*", "$1")))
                    .findFirst()
                    .orElse(1);
        }

        private boolean guided() {
            return arguments.path("guidance_scale").asDouble(guidance()) > 1;
        }

        private List<Control> controls(List<ControlModel> nets) {
            List<JsonNode> pictures = list(arguments.path(starts() ? "control_image" : "image"));
            List<Control> controls = new ArrayList<>();
            for (int i = 0; i < nets.size(); i++) {
                Picture picture =
                        PictureFiles.read(c.path(pictures.get(i).path("png").asString()));
                controls.add(Control.of(nets.get(i), picture)
                        .withScale(number(
                                nets.get(i) instanceof T2IAdapterCheckpoint
                                        ? "adapter_conditioning_scale"
                                        : "controlnet_conditioning_scale",
                                i,
                                controlScale()))
                        .withInterval(
                                number("control_guidance_start", i, 0),
                                number("control_guidance_end", i, number("adapter_conditioning_factor", i, 1)))
                        .withGuess(arguments.path("guess_mode").asBoolean(false)));
            }
            return controls;
        }

        private double controlScale() {
            return pipeline.contains("Img2Img")
                    ? 0.8
                    : pipeline.equals("StableDiffusionControlNetInpaintPipeline") ? 0.5 : 1;
        }

        /** A number for all, or one of a list. */
        private double number(String argument, int index, double standard) {
            List<JsonNode> numbers = list(arguments.path(argument));
            return numbers.isEmpty()
                    ? standard
                    : numbers.get(Math.min(index, numbers.size() - 1)).asDouble();
        }

        private Tensor latents(Checkpoint checkpoint, Request request) {
            Progress progress = (call, calls, x) -> {
                String key = "%s/latents.%03d".formatted(name, call - 1);
                if (c.has(key)) {
                    c.assertClose(key, x);
                }
                assertThat(calls).isEqualTo(json.path("steps_run").asInt());
            };
            if (arguments.has("latents") || arguments.has("prompt_embeds")) {
                return given(checkpoint, request, progress);
            }
            if (enlarges()) {
                Tensor small = VaeImages.normalize(png("image").rgb().toTensor());
                return new DiffusionUpscale(checkpoint)
                        .latents(request, small, arguments.path("noise_level").asInt(20), progress);
            }
            if (arguments.has("denoising_start")) {
                Tensor noisy = input("image");
                noisy = noisy.repeat(request.batch() / noisy.size(0), 1, 1, 1);
                return new ImageToImage(checkpoint).resume(request, noisy, request.steps(), progress);
            }
            if (arguments.has("mask_image")) {
                return new Inpaint(checkpoint)
                        .latents(request, image(checkpoint, request), mask(checkpoint, request), strength(), progress);
            }
            return starts()
                    ? new ImageToImage(checkpoint).latents(request, image(checkpoint, request), strength(), progress)
                    : new TextToImage(checkpoint).latents(request, progress);
        }

        /** Runs that are given their start or their conditioning. */
        private Tensor given(Checkpoint checkpoint, Request request, Progress progress) {
            Run run = new Run(checkpoint, request, checkpoint.sizeOf(request), request.steps());
            List<Conditioner.Halves> halves = arguments.has("prompt_embeds")
                    ? List.of(new Conditioner.Halves(
                                    request.steps().count(),
                                    embeds("prompt_embeds", "pooled_prompt_embeds"),
                                    negative(run))
                            .repeat(request.perPrompt()))
                    : run.encode();
            Tensor noise = arguments.has("latents") ? input("latents") : run.normal();
            Tensor start = Ops.mul(noise, run.trajectory().initNoiseSigma());
            return run.sample(start, halves, null, (call, x) -> x, progress);
        }

        private @Nullable Conditioning negative(Run run) {
            if (!run.guided()) {
                return null;
            }
            return arguments.has("negative_prompt_embeds")
                    ? embeds("negative_prompt_embeds", "negative_pooled_prompt_embeds")
                    : run.encode().get(0).negative();
        }

        private Conditioning embeds(String states, String pooled) {
            return new Conditioning(input(states), arguments.has(pooled) ? input(pooled) : null);
        }

        private Tensor input(String argument) {
            return c.tensor(arguments.path(argument).path("tensor").asString());
        }

        private Tensor image(Checkpoint checkpoint, Request request) {
            if (arguments.path("image").has("tensor")) {
                Tensor x = input("image");
                // The reference takes a tensor with negative values for one that is in [-1,1] already.
                return Arrays.stream(Ops.doubles(x)).anyMatch(v -> v < 0) ? x : VaeImages.normalize(x);
            }
            Picture picture = png("image");
            Size size = arguments.has("mask_image") ? checkpoint.sizeOf(request) : checkpoint.sizeOf(request, picture);
            return VaeImages.image(picture, size.width(), size.height(), VaeImages.Fit.STRETCH);
        }

        private Picture png(String argument) {
            return PictureFiles.read(c.path(arguments.path(argument).path("png").asString()));
        }

        private Source source() {
            return Source.of(png("image"), strength())
                    .withMask(png("mask_image"))
                    .withOnlyMasked(arguments.path("padding_mask_crop").asInt());
        }

        private Tensor mask(Checkpoint checkpoint, Request request) {
            if (arguments.path("mask_image").has("tensor")) {
                return VaeImages.binarize(input("mask_image"));
            }
            Size size = checkpoint.sizeOf(request);
            return VaeImages.mask(png("mask_image"), size.width(), size.height(), VaeImages.Fit.STRETCH);
        }

        private double strength() {
            double standard = pipeline.contains("Inpaint")
                    ? pipeline.contains("XL") ? 0.9999 : 1
                    : pipeline.contains("XL") && !steered() ? 0.3 : 0.8;
            return arguments.path("strength").asDouble(standard);
        }

        private void checkTimesteps(Checkpoint checkpoint, Request request) {
            Scheduler scheduler = Objects.requireNonNull(request.scheduler());
            Steps steps = starts() && !arguments.has("denoising_start")
                    ? checkpoint.cut(request.steps(), strength())
                    : request.steps();
            double[] got = scheduler.trajectory(steps).timesteps();
            c.assertClose(name + "/timesteps", Ops.of(got, got.length));
        }

        private void checkPictures(Checkpoint checkpoint, Tensor latents) {
            Tensor image = checkpoint.codec().decode(latents);
            GoldenCase.assertClose(
                    name + "/image",
                    image.permute(0, 2, 3, 1),
                    c.tensor(name + "/image"),
                    c.json().path("image_atol").asDouble(c.atol()),
                    c.rtol());
            checkPng(Picture.fromTensor(image));
        }

        private void checkPng(Picture... pictures) {
            for (int i = 0; i < pictures.length; i++) {
                Path png = c.path("images/%s_%d.png".formatted(name.replace("/", "__"), i));
                if (Files.exists(png)) {
                    assertThat(worst(pictures[i], PictureFiles.read(png)))
                            .as(png.toString())
                            .isLessThanOrEqualTo(1);
                }
            }
        }

        private static int worst(Picture a, Picture b) {
            int worst = 0;
            for (int i = 0; i < a.data().length; i++) {
                worst = Math.max(worst, Math.abs((a.data()[i] & 255) - (b.data()[i] & 255)));
            }
            return worst;
        }

        /** The request, with its prompts and its scheduler. */
        Request request() {
            // The reference pipelines tell a scheduler that has an eta 0, whatever its own default.
            SchedulerConfig scheduler = SchedulerConfig.of(Json.members(json.path("scheduler_config")))
                    .with("eta", arguments.path("eta").asDouble(0));
            Request request = Request.of(prompts())
                    .withPerPrompt(arguments.path("num_images_per_prompt").asInt(1))
                    .withScheduler(Schedulers.of(scheduler))
                    .withSteps(steps())
                    .withGuiding(Guiding.of(arguments.path("guidance_scale").asDouble(guidance()))
                            .withRescale(arguments.path("guidance_rescale").asDouble(0)))
                    .withSeeds(new Seeds(list(json.path("generator_seed")).stream()
                            .map(JsonNode::asLong)
                            .toList()))
                    .withMicro(new Request.Conditions(micro("", 6), negativeMicro()));
            return arguments.has("height") && arguments.has("width")
                    ? request.withSize(
                            arguments.path("width").asInt(),
                            arguments.path("height").asInt())
                    : request;
        }

        private double guidance() {
            return pipeline.contains("LatentConsistency")
                    ? 8.5
                    : pipeline.contains("XL") && (steered() || !pipeline.contains("Inpaint")) ? 5 : 7.5;
        }

        private Steps steps() {
            Steps steps = arguments.has("timesteps")
                    ? Steps.timesteps(doubles("timesteps"))
                    : arguments.has("sigmas")
                            ? Steps.sigmas(doubles("sigmas"))
                            : Steps.of(arguments
                                    .path("num_inference_steps")
                                    .asInt(pipeline.contains("LatentConsistency") ? 4 : 50));
            if (arguments.has("original_inference_steps")) {
                steps = steps.withOriginalSteps(
                        arguments.path("original_inference_steps").asInt());
            }
            if (arguments.has("denoising_start")) {
                steps = steps.withDenoisingStart(
                        arguments.path("denoising_start").asDouble());
            }
            return arguments.has("denoising_end")
                    ? steps.withDenoisingEnd(arguments.path("denoising_end").asDouble())
                    : steps;
        }

        private double[] doubles(String argument) {
            return list(arguments.path(argument)).stream()
                    .mapToDouble(JsonNode::asDouble)
                    .toArray();
        }

        private List<Prompt> prompts() {
            List<Prompt> prompts = new ArrayList<>();
            List<JsonNode> texts = list(arguments.path("prompt"));
            int count = arguments.has("prompt_embeds")
                    ? (int) input("prompt_embeds").size(0)
                    : texts.size();
            for (int i = 0; i < count; i++) {
                prompts.add(new Prompt(
                        texts.isEmpty() ? "" : texts.get(i).asString(),
                        text("negative_prompt", i),
                        text("prompt_2", i),
                        text("negative_prompt_2", i),
                        Prompt.ForT5.DEFAULT,
                        arguments.path("clip_skip").asInt(0),
                        Prompt.Syntax.PLAIN));
            }
            return prompts;
        }

        private @Nullable String text(String argument, int index) {
            List<JsonNode> texts = list(arguments.path(argument));
            return texts.isEmpty()
                    ? null
                    : texts.get(Math.min(index, texts.size() - 1)).asString();
        }

        private Micro micro(String prefix, double score) {
            return new Micro(
                    size(prefix + "original_size"),
                    crop(prefix + "crops_coords_top_left"),
                    size(prefix + "target_size"),
                    arguments.path(prefix + "aesthetic_score").asDouble(score));
        }

        private Micro negativeMicro() {
            Micro positive = micro("", 6);
            Micro negative = micro("negative_", 2.5);
            if (pipeline.matches("StableDiffusionXL(ControlNet|Adapter)?Pipeline")) {
                return negative.original() == null || negative.target() == null ? positive : negative;
            }
            boolean aesthetic = Json.read(model.resolve("model_index.json"))
                    .path("requires_aesthetics_score")
                    .asBoolean(false);
            return new Micro(
                    negative.original() == null ? positive.original() : negative.original(),
                    aesthetic ? negative.crop() : positive.crop(),
                    negative.target() == null ? positive.target() : negative.target(),
                    negative.aestheticScore());
        }

        private @Nullable Size size(String argument) {
            JsonNode node = arguments.path(argument);
            return node.isMissingNode()
                    ? null
                    : new Size(node.get(1).asInt(), node.get(0).asInt());
        }

        private Micro.Crop crop(String argument) {
            JsonNode node = arguments.path(argument);
            return node.isMissingNode()
                    ? new Micro.Crop(0, 0)
                    : new Micro.Crop(node.get(0).asInt(), node.get(1).asInt());
        }

        private static List<JsonNode> list(JsonNode node) {
            if (node.isMissingNode() || node.isNull()) {
                return List.of();
            }
            return node.isArray()
                    ? StreamSupport.stream(node.spliterator(), false).toList()
                    : List.of(node);
        }
    }
}
