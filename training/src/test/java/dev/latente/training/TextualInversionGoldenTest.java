package dev.latente.training;

import dev.latente.golden.Golden;
import dev.latente.golden.GoldenCase;
import dev.latente.models.clip.ClipTextConfig;
import dev.latente.models.clip.ClipTextModel;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.Autograd;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.training.losses.Learner;
import dev.latente.weights.Json;
import dev.latente.weights.Safetensors;
import dev.latente.weights.TensorFile;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import dev.latente.weights.inversion.TextualInversion;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A new word: its vector learns, and nothing else. */
@Tag("golden")
class TextualInversionGoldenTest {
    private static final String ROW = "row";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("train", TextualInversionGoldenTest::takes, this::check);
    }

    static boolean takes(GoldenCase c) {
        return c.json().has("placeholder");
    }

    private void check(GoldenCase c) {
        Path unetFile = c.path(c.json().path("model").asString()).resolve("diffusion_pytorch_model.safetensors");
        try (TensorFile unet = Safetensors.open(unetFile);
                TensorFile text = Safetensors.open(c.path("text_encoder/model.safetensors"))) {
            checkFirstGradient(c, unet, text);
            checkRun(c, unet, text);
        }
    }

    private static void checkFirstGradient(GoldenCase c, TensorFile unet, TensorFile text) {
        Tensor known = Ops.to(text.tensor("text_model.embeddings.token_embedding.weight"), DType.F32);
        Tensor start = c.tensor("initial_row").unsqueeze(0);
        Tensor table = Ops.cat(0, known, start).set_requires_grad(true);
        Tensor loss = Learner.noiseError(c, fp32(unet), Learner.Batch.of(c, 0), states(c, text, table, 0));
        Tensor gradient = Autograd.gradients(loss, List.of(table)).get(0);
        Tensor norms = gradient.square().sum(1).sqrt();
        c.assertClose("first_grad_row_norms", norms);
        c.assertClose(
                "first_row_grad",
                gradient.select(0, c.json().path("placeholder_id").asLong()));
        c.assertClose("other_rows_sum", Ops.to(known, DType.F64).sum());
    }

    private void checkRun(GoldenCase c, TensorFile unet, TensorFile text) {
        Tensor start = c.tensor("initial_row").unsqueeze(0);
        long steps = c.tensor("rows").size(0);
        Tensor[] rows = new Tensor[(int) steps];
        Map<String, long[]> shapes = Map.of(ROW, Ops.shape(start));
        try (Parameters parameters = new Parameters(shapes, source(start), Device.CPU);
                Arena arena = new Arena()) {
            Task task = (weights, turn) -> Task.Loss.of(Learner.noiseError(
                    c,
                    fp32(unet),
                    Learner.Batch.of(c, turn.step()),
                    states(c, text, weights.get(ROW, Ops.shape(start)), turn.step())));
            Recorded recorded = Recorded.run(
                    folder,
                    Recorded.config(c, steps, 1),
                    parameters,
                    task,
                    step -> rows[(int) (step - 1)] =
                            arena.own(() -> row(parameters).clone()));
            c.assertClose("last_text_states", states(c, text, rows[(int) steps - 2], steps - 1));
            c.assertClose("loss", recorded.losses());
            c.assertClose("rows", Ops.cat(0, rows));

            Tensor learned = TextualInversion.read(c.path("learned_embeds.safetensors"), null, arena)
                    .vectors()
                    .get("text_encoder");
            c.assertClose("learned_embeds", row(parameters), Objects.requireNonNull(learned));
        }
    }

    private static Tensor row(Parameters parameters) {
        return Objects.requireNonNull(parameters.named(parameters.values()).get(ROW));
    }

    private static WeightSource source(Tensor row) {
        return new WeightSource() {
            @Override
            public java.util.Set<String> keys() {
                return java.util.Set.of(ROW);
            }

            @Override
            public Tensor get(String key, long... shape) {
                return row;
            }
        };
    }

    /** The states of a step's prompt, with those vectors as the last rows of the token table. */
    private static Tensor states(GoldenCase c, TensorFile text, Tensor vectors, long step) {
        JsonNode json = Json.read(c.path("text_encoder/config.json"));
        long vocabulary = json.path("vocab_size").asLong();
        long rows = c.json().path("placeholder_id").asLong() + 1;
        WeightSource weights = TextualInversion.withVectors(fp32(text), vocabulary, rows - vectors.size(0), vectors);
        try (Arena arena = new Arena()) {
            ClipTextModel model = new ClipTextModel(
                    Params.of(weights, arena), ClipTextConfig.of(((ObjectNode) json).put("vocab_size", rows)));
            return model.forward(c.tensor("in.input_ids").select(0, step).unsqueeze(0), null)
                    .lastHiddenState();
        }
    }

    private static WeightSource fp32(TensorFile file) {
        return WeightSources.cast(file, DType.F32, Device.CPU);
    }
}
