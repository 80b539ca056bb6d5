package dev.latente.golden;

import dev.latente.models.clip.ClipOutput;
import dev.latente.models.clip.ClipTextConfig;
import dev.latente.models.clip.ClipTextModel;
import dev.latente.models.clip.PromptWeighting;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.text.ClipTokenizer;
import dev.latente.text.PromptChunk;
import dev.latente.text.PromptParser;
import dev.latente.weights.Json;
import dev.latente.weights.Safetensors;
import dev.latente.weights.TensorFile;
import dev.latente.weights.WeightSources;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

@Tag("golden")
class PromptWeightingGoldenTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("prompt", c -> c.json().has("chunk"), PromptWeightingGoldenTest::check);
    }

    private static void check(GoldenCase c) {
        ClipTokenizer tokenizer = ClipTokenizer.load(c.path("tokenizer"));
        JsonNode prompts = Json.read(c.path(c.json().path("prompts").asString()));
        try (TensorFile file = Safetensors.open(c.path("text_encoder/model.safetensors"));
                Arena arena = new Arena()) {
            ClipTextModel model = new ClipTextModel(
                    Params.of(WeightSources.cast(file, DType.F32, Device.CPU), arena),
                    ClipTextConfig.of(Json.read(c.path("text_encoder/config.json"))));
            for (int i = 0; i < prompts.size(); i++) {
                if (!c.has("p" + i + ".plain")) {
                    continue;
                }
                // The states are stored for chunks that end at a comma near their end.
                List<PromptChunk> chunks = PromptChunk.of(
                        tokenizer,
                        PromptParser.parse(prompts.path(i).path("prompt").asString()),
                        c.json().path("chunk").asInt(),
                        PromptChunk.BACKTRACK);
                check(c, "p" + i, model, chunks);
            }
        }
    }

    private static void check(GoldenCase c, String prompt, ClipTextModel model, List<PromptChunk> chunks) {
        ClipOutput output = model.forward(PromptWeighting.ids(chunks), null);
        Tensor plain = output.lastHiddenState();
        Tensor weights = PromptWeighting.weights(chunks);
        assertJoined(c, prompt + ".plain", plain);
        assertJoined(c, prompt + ".weighted", PromptWeighting.weighted(plain, weights));
        assertJoined(c, prompt + ".weighted_mean_restored", PromptWeighting.weightedRestoringMean(plain, weights));
        if (c.has(prompt + ".clip_skip2")) {
            assertJoined(c, prompt + ".clip_skip2", model.skip(output, 1));
        }
    }

    private static void assertJoined(GoldenCase c, String name, Tensor states) {
        c.assertClose(name, PromptWeighting.join(states));
    }
}
