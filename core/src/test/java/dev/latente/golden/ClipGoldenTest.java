package dev.latente.golden;

import dev.latente.models.clip.ClipOutput;
import dev.latente.models.clip.ClipTextConfig;
import dev.latente.models.clip.ClipTextModel;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.weights.Json;
import dev.latente.weights.Safetensors;
import dev.latente.weights.TensorFile;
import dev.latente.weights.WeightSource;
import dev.latente.weights.WeightSources;
import java.util.Objects;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

@Tag("golden")
class ClipGoldenTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("text_encoder", ClipGoldenTest::takes, ClipGoldenTest::check);
    }

    static boolean takes(GoldenCase c) {
        return c.json().path("model_class").asString("").startsWith("CLIP");
    }

    private static void check(GoldenCase c) {
        try (Arena arena = new Arena();
                TensorFile file = Safetensors.open(c.path("model/model.safetensors"))) {
            Params params = Params.of(WeightSources.cast(canonical(file), DType.F32, Device.CPU), arena);
            ClipTextModel model = new ClipTextModel(params, ClipTextConfig.of(Json.read(c.path("model/config.json"))));
            params.requireAllUsed();

            ClipOutput plain = model.forward(c.tensor("in.input_ids"), null);
            for (String name : c.names()) {
                if (name.startsWith("out.")) {
                    c.assertClose(name, output(c, model, plain, name.substring(4)));
                }
            }
        }
    }

    /** Newer files lack the prefix. */
    private static WeightSource canonical(TensorFile file) {
        return file.keys().contains("embeddings.token_embedding.weight")
                ? WeightSources.renamed(file, key -> key.replaceFirst("^text_model\\.", ""))
                : file;
    }

    private static Tensor output(GoldenCase c, ClipTextModel model, ClipOutput plain, String name) {
        String index = name.replaceFirst(".*[._]", "");
        return switch (name.replaceFirst("[._]\\d+$", "")) {
            case "hidden_states" -> plain.hiddenStates().get(Integer.parseInt(index));
            case "last_hidden_state" -> plain.lastHiddenState();
            case "pooler_output" -> plain.pooled();
            case "text_embeds" -> Objects.requireNonNull(plain.textEmbeds());
            case "penultimate_no_norm" -> plain.penultimate();
            case "clip_skip" -> model.skip(plain, Integer.parseInt(index));
            case "masked_last_hidden_state" ->
                model.forward(c.tensor("in.input_ids"), c.tensor("in.attention_mask"))
                        .lastHiddenState();
            case "short_last_hidden_state" ->
                model.forward(c.tensor("in.short_input_ids"), null).lastHiddenState();
            default -> throw new AssertionError("no rule for output [%s]".formatted(name));
        };
    }
}
