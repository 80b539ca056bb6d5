package dev.latente.pipelines;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.diffusion.Steps;
import dev.latente.golden.Golden;
import dev.latente.golden.GoldenCase;
import dev.latente.image.VaeImages;
import dev.latente.models.vae.VaeConfig;
import dev.latente.tensor.Ops;
import dev.latente.text.Tokenizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Whole runs of Stable Diffusion 3 in small: what its text encoders read, timesteps, latents after every call, pictures. */
@Tag("golden")
public class Sd3GoldenTest {
    private static final String ENCODE = "encode";

    @TestFactory
    Stream<DynamicTest> runs() {
        return Golden.tests("sd3", Sd3GoldenTest::takes, Sd3GoldenTest::names, Sd3GoldenTest::check);
    }

    /** The other cases of the area are transformers alone and key lists. */
    public static boolean takes(GoldenCase c) {
        return c.json().path("runs").path(0).has("class");
    }

    private static List<String> names(GoldenCase c) {
        List<String> names = new ArrayList<>();
        if (c.json().has(ENCODE)) {
            names.add(ENCODE);
        }
        c.json().path("runs").forEach(run -> names.add(run.path("name").asString()));
        return names;
    }

    private static void check(GoldenCase c, String name) {
        if (name.equals(ENCODE)) {
            try (Checkpoint checkpoint =
                    Checkpoint.load(c.path(c.json().path("model").asString()))) {
                checkEncoders(c, checkpoint);
            }
            return;
        }
        JsonNode run = c.json()
                .path("runs")
                .valueStream()
                .filter(r -> r.path("name").asString().equals(name))
                .findFirst()
                .orElseThrow();
        LoadOptions options = run.path("without_t5").asBoolean(false)
                ? LoadOptions.DEFAULT.withoutComponent("text_encoder_3")
                : LoadOptions.DEFAULT;
        try (Checkpoint checkpoint =
                Checkpoint.load(c.path(c.json().path("model").asString()), options)) {
            assertThat(checkpoint.lacksT5()).isEqualTo(run.path("without_t5").asBoolean(false));
            new Variant(c, name, run.path("class").asString(), run.path("args"), checkpoint).check();
        }
    }

    private static void checkEncoders(GoldenCase c, Checkpoint checkpoint) {
        JsonNode encode = c.json().path(ENCODE);
        Prompt prompt = Prompt.of(encode.path("prompt").asString())
                .withNegative(encode.path("negative_prompt").asString())
                .withT5(new Prompt.ForT5(
                        null, null, encode.path("max_sequence_length").asInt(256)))
                .withSyntax(Prompt.Syntax.PLAIN);
        Conditioner conditioner = checkpoint.conditioner();
        List<Tokenizer> tokenizers = new ArrayList<>();
        conditioner.encoders().forEach(e -> tokenizers.add(e.tokenizer()));
        tokenizers.add(
                Objects.requireNonNull(((T5Context) conditioner.context()).t5()).tokenizer());
        for (int i = 0; i < tokenizers.size(); i++) {
            Tensor ids = c.tensor("encode.ids_" + (i + 1));
            int length = (int) ids.size(1);
            long[] positive = tokenizers.get(i).padded(prompt.text(), length).ids();
            long[] negative = tokenizers
                    .get(i)
                    .padded(Objects.requireNonNull(prompt.negative()), length)
                    .ids();
            assertThat(Ops.longs(Ops.slice(ids, 0, 0, 1))).isEqualTo(positive);
            assertThat(Ops.longs(Ops.slice(ids, 0, 1, 2))).isEqualTo(negative);
        }
        Conditioner.Halves halves = conditioner.encode(List.of(prompt), true, 1).get(0);
        check(c, "encode.prompt_embeds", "encode.pooled", halves.positive());
        check(c, "encode.negative_prompt_embeds", "encode.negative_pooled", Objects.requireNonNull(halves.negative()));
    }

    private static void check(GoldenCase c, String states, String pooled, Conditioning got) {
        c.assertClose(states, got.states());
        c.assertClose(pooled, Objects.requireNonNull(got.pooled()));
    }

    /** One run of a case. */
    private record Variant(GoldenCase c, String name, String pipeline, JsonNode args, Checkpoint checkpoint) {
        void check() {
            Request request = request();
            Steps steps = starts() ? checkpoint.cut(request.steps(), strength()) : request.steps();
            try (Run run = new Run(checkpoint, request, checkpoint.sizeOf(request), steps)) {
                double[] timesteps = run.trajectory().timesteps();
                double[] sigmas = run.trajectory().sigmas();
                c.assertClose(name + ".timesteps", Ops.of(timesteps, timesteps.length));
                c.assertClose(name + ".sigmas", Ops.of(sigmas, sigmas.length));
                if (c.has(name + ".initial_latents")) {
                    c.assertClose(name + ".initial_latents", run.normal());
                }
            }
            Tensor expected = c.tensor(name + ".step_latents");
            Progress progress = (call, calls, x) -> {
                assertThat((long) calls).isEqualTo(expected.size(0));
                c.assertClose("%s.step_latents[%d]".formatted(name, call - 1), x, expected.select(0, call - 1));
            };
            Tensor latents = latents(request, progress);
            c.assertClose(name + ".image", checkpoint.codec().decode(decoded(latents)));
        }

        private Tensor latents(Request request, Progress progress) {
            if (!starts()) {
                return new TextToImage(checkpoint).latents(request, progress);
            }
            Tensor image = VaeImages.normalize(c.tensor(name + ".input_image"));
            return inpaints()
                    ? new Inpaint(checkpoint).latents(request, image, VaeImages.binarize(mask()), strength(), progress)
                    : new ImageToImage(checkpoint).latents(request, image, strength(), progress);
        }

        /** The reference's inpainting decodes without the shift that it encoded with; here it is taken back. */
        private Tensor decoded(Tensor latents) {
            VaeConfig vae = (VaeConfig) checkpoint.vae().config();
            return inpaints() ? Ops.sub(latents, vae.shiftFactor() * vae.scalingFactor()) : latents;
        }

        private Tensor mask() {
            return Stream.of("mask_image", "input_mask", "mask", "input_mask_image")
                    .map(tensor -> name + "." + tensor)
                    .filter(c::has)
                    .findFirst()
                    .map(c::tensor)
                    .orElseThrow();
        }

        private boolean starts() {
            return inpaints() || pipeline.contains("Img2Img");
        }

        private boolean inpaints() {
            return pipeline.contains("Inpaint");
        }

        private double strength() {
            return args.path("strength").asDouble(0.6);
        }

        private Request request() {
            Request request = Request.of(prompts())
                    .withPerPrompt(args.path("num_images_per_prompt").asInt(1))
                    .withSteps(
                            args.has("sigmas")
                                    ? Steps.sigmas(GoldenRequest.list(args.path("sigmas")).stream()
                                            .mapToDouble(JsonNode::asDouble)
                                            .toArray())
                                    : Steps.of(args.path("num_inference_steps").asInt(starts() ? 50 : 28)))
                    .withGuiding(
                            Guiding.of(args.path("guidance_scale").asDouble(7)).withSkip(skip()))
                    .withSeeds(new Seeds(GoldenRequest.list(args.path("seed")).stream()
                            .map(JsonNode::asLong)
                            .toList()));
            return args.has("height") && args.has("width")
                    ? request.withSize(
                            args.path("width").asInt(), args.path("height").asInt())
                    : request;
        }

        private SkippedLayers skip() {
            Set<Integer> layers = new HashSet<>();
            GoldenRequest.list(args.path("skip_guidance_layers")).forEach(layer -> layers.add(layer.asInt()));
            return SkippedLayers.of(layers)
                    .withScale(args.path("skip_layer_guidance_scale").asDouble(2.8))
                    .withInterval(
                            args.path("skip_layer_guidance_start").asDouble(0.01),
                            args.path("skip_layer_guidance_stop").asDouble(0.2));
        }

        private List<Prompt> prompts() {
            List<Prompt> prompts = new ArrayList<>();
            for (int i = 0; i < GoldenRequest.list(args.path("prompt")).size(); i++) {
                prompts.add(new Prompt(
                        Objects.requireNonNull(text("prompt", i)),
                        text("negative_prompt", i),
                        text("prompt_2", i),
                        text("negative_prompt_2", i),
                        new Prompt.ForT5(
                                text("prompt_3", i),
                                text("negative_prompt_3", i),
                                args.path("max_sequence_length").asInt(256)),
                        args.path("clip_skip").asInt(0),
                        Prompt.Syntax.PLAIN));
            }
            return prompts;
        }

        private @Nullable String text(String argument, int index) {
            List<JsonNode> texts = GoldenRequest.list(args.path(argument));
            return texts.isEmpty()
                    ? null
                    : texts.get(Math.min(index, texts.size() - 1)).asString();
        }
    }
}
