package dev.latente.training.losses;

import dev.latente.golden.Golden;
import dev.latente.golden.GoldenCase;
import dev.latente.models.clip.ClipConfig;
import dev.latente.models.clip.ClipModel;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Ops;
import dev.latente.weights.Json;
import dev.latente.weights.Safetensors;
import dev.latente.weights.TensorFile;
import dev.latente.weights.WeightSource;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** The loss of a whole CLIP, and what it asks of the weights. */
@Tag("golden")
class ContrastiveGoldenTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("train", c -> c.name().startsWith("clip_contrastive"), ContrastiveGoldenTest::check);
    }

    private static void check(GoldenCase c) {
        Path folder = c.path(c.json().path("model").asString());
        try (Arena arena = new Arena();
                TensorFile file = Safetensors.open(folder.resolve("model.safetensors"))) {
            Leaves leaves = new Leaves(file);
            Params params = Params.of(leaves, arena);
            ClipModel model = new ClipModel(params, ClipConfig.of(Json.read(folder.resolve("config.json"))));
            params.requireAllUsed();

            Tensor images = model.imageEmbeds(c.tensor("in.pixel_values"));
            Tensor texts = model.textEmbeds(c.tensor("in.input_ids"), null);
            Tensor logits = model.logits(images, texts);
            Tensor loss = Contrastive.loss(logits);
            loss.backward();

            c.assertClose("image_embeds", images);
            c.assertClose("text_embeds", texts);
            c.assertClose("logits_per_image", logits);
            c.assertClose("loss", loss);
            c.names().stream()
                    .filter(name -> name.startsWith("grad."))
                    .forEach(name -> c.assertClose(
                            name, leaves.of(name.substring("grad.".length())).grad()));
        }
    }

    /** The weights of a file in fp32, as tensors that collect gradients. */
    private record Leaves(Map<String, Tensor> tensors) implements WeightSource {
        Leaves(TensorFile file) {
            this(new TreeMap<>());
            for (String key : file.keys()) {
                tensors.put(key, Ops.to(file.tensor(key), DType.F32).clone().set_requires_grad(true));
            }
        }

        Tensor of(String key) {
            return Objects.requireNonNull(tensors.get(key), key);
        }

        @Override
        public Set<String> keys() {
            return tensors.keySet();
        }

        @Override
        public Tensor get(String key, long... shape) {
            return of(key);
        }
    }
}
