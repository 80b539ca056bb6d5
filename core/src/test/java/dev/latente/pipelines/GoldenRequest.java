package dev.latente.pipelines;

import dev.latente.diffusion.SchedulerConfig;
import dev.latente.diffusion.Schedulers;
import dev.latente.diffusion.Steps;
import dev.latente.golden.GoldenCase;
import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import dev.latente.weights.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What one run of a case asks of the reference: its pipeline and arguments, as a request. */
final class GoldenRequest {
    private final GoldenCase c;
    private final JsonNode json;
    private final JsonNode arguments;
    private final String pipeline;
    private final Path model;

    GoldenRequest(GoldenCase c, String name, Path model) {
        this.c = c;
        this.model = model;
        json = c.json().path("variants").path(name);
        arguments = json.path("arguments");
        pipeline = json.path("pipeline_class").asString();
    }

    JsonNode arguments() {
        return arguments;
    }

    /** Calls of the network. */
    int calls() {
        return json.path("steps_run").asInt();
    }

    /** Whether it is run by a pipeline with that in its name. */
    boolean isOf(String kind) {
        return pipeline.contains(kind);
    }

    /** With its prompts and its scheduler, without what steers it. */
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

    boolean steered() {
        return isOf("ControlNet") || isOf("AdapterPipeline");
    }

    boolean enlarges() {
        return isOf("Upscale");
    }

    /** Whether the run starts from a picture, and not only is steered by one. */
    boolean starts() {
        return !enlarges() && arguments.has(steered() ? "control_image" : "image") && arguments.has("image");
    }

    boolean guided() {
        return arguments.path("guidance_scale").asDouble(guidance()) > 1;
    }

    double strength() {
        double standard = isOf("Inpaint") ? isOf("XL") ? 0.9999 : 1 : isOf("XL") && !steered() ? 0.3 : 0.8;
        return arguments.path("strength").asDouble(standard);
    }

    private double guidance() {
        return isOf("LatentConsistency") ? 8.5 : isOf("XL") && (steered() || !isOf("Inpaint")) ? 5 : 7.5;
    }

    private Steps steps() {
        Steps steps = arguments.has("timesteps")
                ? Steps.timesteps(doubles("timesteps"))
                : arguments.has("sigmas")
                        ? Steps.sigmas(doubles("sigmas"))
                        : Steps.of(arguments.path("num_inference_steps").asInt(isOf("LatentConsistency") ? 4 : 50));
        if (arguments.has("original_inference_steps")) {
            steps = steps.withOriginalSteps(
                    arguments.path("original_inference_steps").asInt());
        }
        if (arguments.has("denoising_start")) {
            steps = steps.withDenoisingStart(arguments.path("denoising_start").asDouble());
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
        int count =
                arguments.has("prompt_embeds") ? (int) input("prompt_embeds").size(0) : texts.size();
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

    Tensor input(String argument) {
        return c.tensor(arguments.path(argument).path("tensor").asString());
    }

    Picture png(String argument) {
        return PictureFiles.read(c.path(arguments.path(argument).path("png").asString()));
    }

    static List<JsonNode> list(JsonNode node) {
        if (node.isMissingNode() || node.isNull()) {
            return List.of();
        }
        return node.isArray() ? StreamSupport.stream(node.spliterator(), false).toList() : List.of(node);
    }
}
