package dev.latente.pipelines;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.golden.Golden;
import dev.latente.golden.GoldenCase;
import dev.latente.models.clip.ClipOutput;
import dev.latente.models.unet.UNetConditioning;
import dev.latente.tensor.Ops;
import dev.latente.tensor.Scopes;
import dev.latente.weights.Safetensors;
import dev.latente.weights.TensorFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Adapters over tiny checkpoints: single model calls at several scales, whole runs, tokens of learned words. */
@Tag("golden")
class LoraGoldenTest {
    @TestFactory
    Stream<DynamicTest> calls() {
        return Golden.tests("lora", c -> !inversion(c), LoraGoldenTest::calls, LoraGoldenTest::checkCall);
    }

    @TestFactory
    Stream<DynamicTest> runs() {
        return Golden.tests(
                "lora", c -> true, c -> c.json().path("variants").propertyNames(), LoraGoldenTest::checkRun);
    }

    @TestFactory
    Stream<DynamicTest> words() {
        return Golden.tests("lora", LoraGoldenTest::inversion, LoraGoldenTest::variants, LoraGoldenTest::checkWords);
    }

    static boolean inversion(GoldenCase c) {
        return c.json().path("description").asString().contains("textual inversion");
    }

    private static List<String> variants(GoldenCase c) {
        return List.copyOf(c.json().path("variants").propertyNames());
    }

    private static Path model(GoldenCase c) {
        return c.tree().resolve(c.json().path("base_model").asString());
    }

    /** What stands before {@code /out.}: a file with a scale, several files, or none. */
    private static Set<String> calls(GoldenCase c) {
        Set<String> calls = new TreeSet<>();
        c.names().stream().filter(n -> n.contains("/out.")).forEach(n -> calls.add(n.substring(0, n.indexOf("/out."))));
        assertThat(calls).isNotEmpty();
        return calls;
    }

    private static void checkCall(GoldenCase c, String call) {
        LoadOptions options = LoadOptions.DEFAULT;
        if (call.contains("/scale")) {
            String[] parts = call.split("/scale", -1);
            options = options.withLora(c.path(parts[0]), Double.parseDouble(parts[1]));
        } else if (!call.equals("none")) {
            for (Map.Entry<String, JsonNode> e : c.json().path(call).properties()) {
                options = options.withLora(c.path(e.getKey()), e.getValue().asDouble());
            }
            assertThat(options.loras()).isNotEmpty();
        }
        try (Checkpoint checkpoint = Checkpoint.load(model(c), options)) {
            Scopes.run(() -> c.names().stream()
                    .filter(n -> n.startsWith(call + "/out."))
                    .forEach(n -> c.assertClose(n, output(c, checkpoint, n.substring(n.indexOf("/out.") + 5)))));
        }
    }

    private static Tensor output(GoldenCase c, Checkpoint checkpoint, String what) {
        if (what.equals("unet")) {
            return checkpoint
                    .unet()
                    .forward(c.tensor("in.sample"), c.tensor("in.timestep").reshape(-1), conditioning(c.io(), "in."));
        }
        boolean second = what.startsWith("text_encoder_2");
        ClipOutput output = checkpoint.textModels().get(second ? 1 : 0).forward(c.tensor("in.input_ids"), null);
        if (what.endsWith("_embeds")) {
            return Objects.requireNonNull(output.textEmbeds());
        }
        return second ? output.penultimate() : output.lastHiddenState();
    }

    private static UNetConditioning conditioning(TensorFile file, String prefix) {
        boolean added = file.keys().contains(prefix + "added.text_embeds");
        String pooled = prefix + (added ? "added." : "");
        return new UNetConditioning(
                file.tensor(prefix + "encoder_hidden_states"),
                null,
                optional(file, pooled + "text_embeds"),
                optional(file, pooled + "time_ids"),
                null,
                null);
    }

    private static @Nullable Tensor optional(TensorFile file, String name) {
        return file.keys().contains(name) ? file.tensor(name) : null;
    }

    private static void checkRun(GoldenCase c, String name) {
        LoadOptions options = options(c, name);
        GoldenRun run = new GoldenRun(c, name, model(c), options);
        Request request = run.asked().request();
        if (Files.exists(c.path("debug.safetensors"))) {
            checkFirstCall(c, name, options, request);
        }
        run.check(request);
    }

    private static LoadOptions options(GoldenCase c, String name) {
        JsonNode variant = c.json().path("variants").path(name);
        if (!inversion(c)) {
            return LoadOptions.DEFAULT.withLora(c.path(name.replaceFirst("/pipeline$", "")), 1);
        }
        if (variant.has("file")) {
            return LoadOptions.DEFAULT.withEmbedding(
                    c.path(variant.path("file").asString()),
                    variant.path("token").asString(null));
        }
        return LoadOptions.DEFAULT.withEmbedding(onlyEmbedding(c), token(c));
    }

    /** The word that only the description names. */
    private static String token(GoldenCase c) {
        return c.json().path("description").asString().replaceFirst(".*token (\\S+).*", "$1");
    }

    private static Path onlyEmbedding(GoldenCase c) {
        for (String file : Objects.requireNonNull(c.dir().toFile().list())) {
            if (file.contains("embed")) {
                return c.path(file);
            }
        }
        throw new AssertionError("no embedding in " + c);
    }

    /** What the U-Net is given in its first call, and what it answers. */
    private static void checkFirstCall(GoldenCase c, String name, LoadOptions options, Request request) {
        try (Checkpoint checkpoint = Checkpoint.load(model(c), options);
                TensorFile debug = Safetensors.open(c.path("debug.safetensors"))) {
            String call = name + "/unet0.";
            Run run = new Run(checkpoint, request, checkpoint.sizeOf(request), request.steps());
            Conditioner.Halves halves = run.encode().get(0);
            Conditioning negative = Objects.requireNonNull(halves.negative());
            UNetConditioning given = conditioning(debug, call);
            Tensor states = Ops.cat(0, negative.states(), halves.positive().states());
            c.assertClose(call + "encoder_hidden_states", states, given.encoderHiddenStates());
            if (given.textEmbeds() != null) {
                Tensor pooled = Ops.cat(
                        0,
                        Objects.requireNonNull(negative.pooled()),
                        Objects.requireNonNull(halves.positive().pooled()));
                c.assertClose(call + "text_embeds", pooled, given.textEmbeds());
            }
            Tensor t = debug.tensor(call + "timestep").reshape(-1);
            Tensor out = checkpoint.unet().forward(debug.tensor(call + "sample"), t, given);
            c.assertClose(call + "out", out, debug.tensor(call + "out"));
        }
    }

    private static void checkWords(GoldenCase c, String name) {
        JsonNode variant = c.json().path("variants").path(name);
        try (Checkpoint checkpoint = Checkpoint.load(model(c), options(c, name))) {
            TextEncoder encoder = checkpoint.conditioner().encoders().get(0);
            variant.path("added_tokens")
                    .properties()
                    .forEach(e -> assertThat(encoder.tokenizer().id(e.getKey()))
                            .isEqualTo(e.getValue().asInt()));
            String prompt = variant.path("arguments").path("prompt").asString();
            String file = name.replaceFirst("/?pipeline$", "");
            if (c.has(file + "/in.input_ids")) {
                Tensor ids = c.tensor(file + "/in.input_ids");
                assertThat(encoder.tokenizer().padded(prompt, (int) ids.size(1)).ids())
                        .isEqualTo(Ops.longs(ids));
                Tensor states = encoder.model().forward(ids, null).lastHiddenState();
                c.assertClose(file + "/out.prompt_embeds", states);
            }
        }
    }
}
