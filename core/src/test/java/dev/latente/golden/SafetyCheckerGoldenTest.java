package dev.latente.golden;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.image.ClipImages;
import dev.latente.image.Picture;
import dev.latente.models.clip.SafetyChecker;
import dev.latente.models.clip.SafetyChecker.Scores;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.weights.Json;
import dev.latente.weights.Safetensors;
import dev.latente.weights.TensorFile;
import dev.latente.weights.WeightSources;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

@Tag("golden")
class SafetyCheckerGoldenTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("safety", c -> c.json().has("bad_concepts"), SafetyCheckerGoldenTest::check);
    }

    private static void check(GoldenCase c) {
        String model = c.json().path("model").asString();
        try (Arena arena = new Arena();
                TensorFile file = Safetensors.open(c.path(model + "/model.safetensors"))) {
            Params params = Params.of(WeightSources.cast(file, DType.F32, Device.CPU), arena);
            SafetyChecker checker = new SafetyChecker(
                    params,
                    Json.read(c.path(model + "/config.json")),
                    c.tensor("concept_cos").size(1),
                    c.tensor("special_cos").size(1));
            params.requireAllUsed();
            Tensor pixels = pixels(c);
            c.assertClose("pixel_values", pixels);
            List<Scores> scores = checker.forward(pixels);
            assertThat(scores.stream().map(Scores::unsafe).toList())
                    .isEqualTo(list(c.json().path("flags"), JsonNode::asBoolean));
            assertThat(scores.stream().map(Scores::unsafeConcepts).toList())
                    .isEqualTo(list(c.json().path("bad_concepts"), SafetyCheckerGoldenTest::ints));
            assertThat(scores.stream().map(Scores::specialHits).toList())
                    .isEqualTo(list(c.json().path("special_care_hits"), SafetyCheckerGoldenTest::ints));
            // Scores are rounded to three decimals; the last may differ.
            GoldenCase.assertClose(
                    "concepts", matrix(scores, Scores::concepts), c.tensor("concept_scores_rounded"), 1.1e-3, 0);
            GoldenCase.assertClose(
                    "special care", matrix(scores, Scores::specialCare), c.tensor("special_scores_rounded"), 1.1e-3, 0);
        }
    }

    private static Tensor pixels(GoldenCase c) {
        ClipImages images = ClipImages.of(
                Json.read(c.path(c.json().path("feature_extractor").asString() + "/preprocessor_config.json")));
        Tensor[] all = IntStream.range(0, (int) c.tensor("pixel_values").size(0))
                .mapToObj(i -> c.tensor("image%d_u8".formatted(i)))
                .map(t -> new Picture((int) t.size(1), (int) t.size(0), 3, Ops.bytes(t)))
                .map(images::image)
                .toArray(Tensor[]::new);
        return Ops.cat(0, all);
    }

    private static Tensor matrix(List<Scores> scores, Function<Scores, List<Float>> part) {
        double[] values = scores.stream()
                .flatMap(s -> part.apply(s).stream())
                .mapToDouble(Float::doubleValue)
                .toArray();
        return Ops.of(values, scores.size(), values.length / scores.size());
    }

    private static <T> List<T> list(JsonNode array, Function<JsonNode, T> element) {
        return array.valueStream().map(element).toList();
    }

    private static List<Integer> ints(JsonNode array) {
        return list(array, JsonNode::asInt);
    }
}
