package dev.latente.golden;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.image.ClipImages;
import dev.latente.image.Picture;
import dev.latente.models.clip.AestheticPredictor;
import dev.latente.models.clip.ClipConfig;
import dev.latente.models.clip.ClipModel;
import dev.latente.models.clip.ClipVisionConfig;
import dev.latente.models.clip.ClipVisionModel;
import dev.latente.models.clip.ClipVisionOutput;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Functional;
import dev.latente.tensor.Ops;
import dev.latente.text.ClipTokenizer;
import dev.latente.weights.Json;
import dev.latente.weights.Safetensors;
import dev.latente.weights.TensorFile;
import dev.latente.weights.WeightSources;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

@Tag("golden")
class ClipModelGoldenTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("clip", c -> {
            String model = c.json().path("model").asString();
            if (c.json().has("dims")) {
                with(c, model, ClipModelGoldenTest::aesthetic);
            } else if (c.json().has("captions")) {
                with(c, model + "/model.safetensors", ClipModelGoldenTest::towers);
            } else {
                with(c, model + "/model.safetensors", ClipModelGoldenTest::vision);
            }
        });
    }

    private static void with(GoldenCase c, String weights, BiConsumer<GoldenCase, Params> check) {
        try (Arena arena = new Arena();
                TensorFile file = Safetensors.open(c.path(weights))) {
            Params params = Params.of(WeightSources.cast(file, DType.F32, Device.CPU), arena);
            check.accept(c, params);
            params.requireAllUsed();
        }
    }

    private static void aesthetic(GoldenCase c, Params params) {
        List<Long> sizes =
                c.json().path("dims").valueStream().map(JsonNode::asLong).toList();
        AestheticPredictor predictor = new AestheticPredictor(params, sizes);
        c.assertClose("normalised", Functional.unit(c.tensor("image_embeds")));
        c.assertClose("score", predictor.forward(c.tensor("image_embeds")));
    }

    private static void vision(GoldenCase c, Params params) {
        ClipVisionOutput out =
                new ClipVisionModel(params, ClipVisionConfig.of(config(c))).forward(c.tensor("pixel_values"));
        c.assertClose("hidden_state_0", out.hiddenStates().get(0));
        c.assertClose("penultimate_hidden_state", out.penultimate());
        c.assertClose("last_hidden_state", out.lastHiddenState());
        c.assertClose("image_embeds", Objects.requireNonNull(out.imageEmbeds()));
    }

    private static void towers(GoldenCase c, Params params) {
        ClipModel model = new ClipModel(params, ClipConfig.of(config(c)));
        Tensor ids = captions(c);
        assertThat(Ops.longs(ids)).isEqualTo(Ops.longs(c.tensor("input_ids_77")));
        c.assertClose("text_embeds_from_77", model.textEmbeds(ids, null));

        var text = model.text().forward(c.tensor("input_ids"), c.tensor("attention_mask"));
        c.assertClose("text_last_hidden_state", text.lastHiddenState());
        c.assertClose("text_pooled", Objects.requireNonNull(text.textEmbeds()));
        Tensor textEmbeds = model.textEmbeds(c.tensor("input_ids"), c.tensor("attention_mask"));
        c.assertClose("text_embeds", textEmbeds);

        Tensor pixels = pictures(c);
        c.assertClose("pixel_values", pixels);
        ClipVisionOutput image = model.vision().forward(pixels);
        c.assertClose("vision_last_hidden_state", image.lastHiddenState());
        c.assertClose("vision_pooled", Objects.requireNonNull(image.imageEmbeds()));
        Tensor imageEmbeds = model.imageEmbeds(pixels);
        c.assertClose("image_embeds", imageEmbeds);

        c.assertClose("logits_per_image", model.logits(imageEmbeds, textEmbeds));
        Tensor cosine = imageEmbeds.mul(textEmbeds).sum(-1);
        c.assertClose("cosine", cosine);
        c.assertClose("clip_score", Ops.mul(cosine, 100).relu());
        c.assertClose("clip_score_mean", Ops.mul(cosine, 100).relu().mean());
    }

    private static JsonNode config(GoldenCase c) {
        return Json.read(c.path(c.json().path("model").asString() + "/config.json"));
    }

    private static Tensor captions(GoldenCase c) {
        ClipTokenizer tokenizer = ClipTokenizer.load(c.path("tokenizer"));
        JsonNode captions = c.json().path("captions");
        int length = (int) c.tensor("input_ids_77").size(1);
        long[] ids = captions.valueStream()
                .flatMapToLong(text ->
                        LongStream.of(tokenizer.padded(text.asString(), length).ids()))
                .toArray();
        return Ops.of(ids, captions.size(), length);
    }

    private static Tensor pictures(GoldenCase c) {
        ClipImages images = ClipImages.of(Json.read(c.path("feature_extractor/preprocessor_config.json")));
        int count = c.json().path("captions").size();
        return Ops.cat(
                0,
                IntStream.range(0, count)
                        .mapToObj(i -> images.image(picture(c.tensor("image%d_u8".formatted(i)))))
                        .toArray(Tensor[]::new));
    }

    /** x [H,W,3] uint8. */
    private static Picture picture(Tensor x) {
        return new Picture((int) x.size(1), (int) x.size(0), 3, Ops.bytes(x));
    }
}
