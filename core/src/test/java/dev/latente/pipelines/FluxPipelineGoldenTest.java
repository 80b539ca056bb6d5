package dev.latente.pipelines;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.diffusion.Steps;
import dev.latente.golden.Golden;
import dev.latente.golden.GoldenCase;
import dev.latente.image.VaeImages;
import dev.latente.tensor.Ops;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Whole runs of Flux.1 in small: what its text encoders read, timesteps, latents after every call, pictures. */
@Tag("golden")
public class FluxPipelineGoldenTest {
    @TestFactory
    Stream<DynamicTest> runs() {
        return Golden.tests("flux", FluxPipelineGoldenTest::takes, FluxPipelineGoldenTest::check);
    }

    /** The other cases of the area are transformers alone. */
    public static boolean takes(GoldenCase c) {
        return c.json().has("runs");
    }

    private static void check(GoldenCase c) {
        try (Checkpoint checkpoint =
                Checkpoint.load(c.path(c.json().path("model").asString()), options(c))) {
            JsonNode encode = c.json().path("encode");
            Conditioning read = checkpoint
                    .conditioner()
                    .encode(List.of(prompt(encode)), false, 1)
                    .get(0)
                    .positive();
            Tensor expected = c.tensor("encode.prompt_embeds"); // or the first of many tokens
            assertThat(read.states().size(1))
                    .isEqualTo(encode.path("max_sequence_length").asLong());
            c.assertClose("encode.prompt_embeds", Ops.slice(read.states(), 1, 0, expected.size(1)));
            c.assertClose("encode.pooled", Objects.requireNonNull(read.pooled()));
            c.json().path("runs").forEach(run -> check(c, checkpoint, run));
        }
    }

    /** Models that a case shares with others. */
    private static LoadOptions options(GoldenCase c) {
        if (!c.json().has("others")) {
            return LoadOptions.DEFAULT;
        }
        Path others = c.path(c.json().path("others").asString());
        return LoadOptions.DEFAULT
                .withComponent("vae", others.resolve("vae"))
                .withComponent("text_encoder_3", others.resolve("text_encoder_3"));
    }

    private static void check(GoldenCase c, Checkpoint checkpoint, JsonNode run) {
        String name = run.path("name").asString();
        JsonNode args = run.path("args");
        boolean starts = run.path("class").asString().contains("Img2Img");
        double strength = args.path("strength").asDouble(0.6);
        Request request = request(args);
        Steps steps = starts ? checkpoint.cut(request.steps(), strength) : request.steps();
        try (Run taken = new Run(checkpoint, request, checkpoint.sizeOf(request), steps)) {
            double[] timesteps = taken.trajectory().timesteps();
            double[] sigmas = taken.trajectory().sigmas();
            c.assertClose(name + ".timesteps", Ops.of(timesteps, timesteps.length));
            c.assertClose(name + ".sigmas", Ops.of(sigmas, sigmas.length));
            if (!starts) {
                c.assertClose(name + ".initial_latents", taken.normal());
            }
        }
        Tensor expected = c.tensor(name + ".step_latents");
        Progress progress = (call, calls, x) -> {
            assertThat((long) calls).isEqualTo(expected.size(0));
            c.assertClose("%s.step_latents[%d]".formatted(name, call - 1), x, expected.select(0, call - 1));
        };
        Tensor latents = starts
                ? new ImageToImage(checkpoint)
                        .latents(request, VaeImages.normalize(c.tensor(name + ".input_image")), strength, progress)
                : new TextToImage(checkpoint).latents(request, progress);
        c.assertClose(name + ".image", checkpoint.codec().decode(latents));
    }

    /** A scale of guidance is told, where the model is; that of two halves is called the true one by the reference. */
    private static Request request(JsonNode args) {
        double told = args.path("guidance_scale").asDouble(3.5);
        return Request.of(List.of(prompt(args)))
                .withSteps(args.path("num_inference_steps").asInt(28))
                .withGuidance(args.path("true_cfg_scale").asDouble(told))
                .withSeed(args.path("seed").asLong())
                .withSize(args.path("width").asInt(), args.path("height").asInt());
    }

    private static Prompt prompt(JsonNode args) {
        Prompt prompt = Prompt.of(args.path("prompt").asString())
                .withT5(new Prompt.ForT5(
                        null, null, args.path("max_sequence_length").asInt(512)))
                .withSyntax(Prompt.Syntax.PLAIN);
        return args.has("negative_prompt")
                ? prompt.withNegative(args.path("negative_prompt").asString())
                : prompt;
    }
}
