package dev.latente.pipelines;

import dev.latente.golden.Golden;
import dev.latente.golden.GoldenCase;
import dev.latente.golden.UpscalerGoldenTest;
import dev.latente.image.VaeImages;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Whole runs of tiny upscalers that draw: latents after every model call, pictures. */
@Tag("golden")
class UpscaleGoldenTest {
    @TestFactory
    Stream<DynamicTest> runs() {
        return Golden.tests(
                "upscale",
                c -> !UpscalerGoldenTest.takes(c),
                c -> c.json()
                        .path("runs")
                        .valueStream()
                        .map(run -> run.path("name").asString())
                        .toList(),
                UpscaleGoldenTest::check);
    }

    private static void check(GoldenCase c, String name) {
        JsonNode run = c.json()
                .path("runs")
                .valueStream()
                .filter(r -> r.path("name").asString().equals(name))
                .findFirst()
                .orElseThrow();
        Path model = c.path(c.json().path("model").asString());
        List<Tensor> steps = new ArrayList<>();
        Progress progress = (call, calls, x) -> {
            Tensor expected = c.tensor(name + ".step_latents").select(0, call - 1L);
            c.assertClose("%s after call %d of %d".formatted(name, call, calls), x, expected);
            steps.add(expected);
        };
        JsonNode args = run.path("args");
        Request request = request(args);
        if (c.json().path("what").asString().contains("Latent")) {
            latent(c, name, run, model, request, progress);
        } else {
            try (Checkpoint checkpoint = Checkpoint.load(model)) {
                DiffusionUpscale upscale = new DiffusionUpscale(checkpoint);
                int noise = args.path("noise_level").asInt(DiffusionUpscale.USUAL_NOISE);
                Tensor latents = upscale.latents(request, pixels(c), noise, progress);
                c.assertClose(name + ".image", checkpoint.codec().decode(latents));
            }
        }
        org.assertj.core.api.Assertions.assertThat(steps)
                .hasSize((int) c.tensor(name + ".step_latents").size(0));
    }

    private static void latent(
            GoldenCase c, String name, JsonNode run, Path model, Request request, Progress progress) {
        try (LatentUpscaler upscaler = LatentUpscaler.load(model);
                Seeds.Noise noise = request.seeds().open(Device.CPU)) {
            String input = run.path("input").asString();
            Tensor small =
                    input.equals("image_u8") ? upscaler.codec().encode(pixels(c), noise.first(), 1) : c.tensor(input);
            Tensor latents = upscaler.latents(request, small, noise, progress);
            c.assertClose(name + ".image", upscaler.codec().decode(latents));
        }
    }

    private static Tensor pixels(GoldenCase c) {
        Tensor bytes = Ops.to(c.tensor("image_u8"), DType.F32);
        return VaeImages.normalize(
                Ops.div(bytes, 255).permute(2, 0, 1).unsqueeze(0).contiguous());
    }

    private static Request request(JsonNode args) {
        JsonNode negative = args.path("negative_prompt");
        Prompt prompt = Prompt.of(args.path("prompt").asString())
                .withNegative(negative.isString() ? negative.asString() : null)
                .withSyntax(Prompt.Syntax.PLAIN);
        return Request.of(List.of(prompt))
                .withSteps(args.path("num_inference_steps").asInt())
                .withGuidance(args.path("guidance_scale").asDouble())
                .withPerPrompt(args.path("num_images_per_prompt").asInt(1))
                .withSeeds(Seeds.of(args.path("seed").asLong()));
    }
}
