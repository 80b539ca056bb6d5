package dev.latente.golden;

import dev.latente.models.t5.T5Config;
import dev.latente.models.t5.T5Encoder;
import dev.latente.models.t5.T5Output;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.weights.Json;
import dev.latente.weights.Safetensors;
import dev.latente.weights.TensorFile;
import dev.latente.weights.WeightSources;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

@Tag("golden")
class T5GoldenTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("text_encoder", T5GoldenTest::takes, T5GoldenTest::check);
    }

    static boolean takes(GoldenCase c) {
        return c.json().path("model_class").asString("").startsWith("T5");
    }

    private static void check(GoldenCase c) {
        try (Arena arena = new Arena();
                TensorFile file = Safetensors.open(c.path("model/model.safetensors"))) {
            Params params = Params.of(WeightSources.cast(file, DType.F32, Device.CPU), arena);
            T5Encoder model = new T5Encoder(params, T5Config.of(Json.read(c.path("model/config.json"))));
            params.requireAllUsed();
            Tensor ids = c.tensor("in.input_ids");
            T5Output plain = model.forward(ids, null);
            T5Output masked = model.forward(ids, c.tensor("in.attention_mask"));
            for (String name : c.names()) {
                if (name.startsWith("out.")) {
                    c.assertClose(name, output(name.substring(4), model, plain, masked));
                }
            }
        }
    }

    private static Tensor output(String name, T5Encoder model, T5Output plain, T5Output masked) {
        if (name.startsWith("masked_")) {
            return output(name.substring(7), model, masked, masked);
        }
        return switch (name.replaceFirst("\\.\\d+$", "")) {
            case "position_bias" -> model.positionBias(plain.lastHiddenState().size(1));
            case "last_hidden_state" -> plain.lastHiddenState();
            case "hidden_states" -> plain.hiddenStates().get(Integer.parseInt(name.replaceFirst(".*\\.", "")));
            default -> throw new AssertionError("no rule for output [%s]".formatted(name));
        };
    }
}
