package dev.latente.golden;

import dev.latente.models.annotators.Dpt;
import dev.latente.models.annotators.DptConfig;
import dev.latente.models.annotators.HedNet;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.weights.Json;
import dev.latente.weights.Safetensors;
import dev.latente.weights.TensorFile;
import dev.latente.weights.WeightSources;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** What networks see in pictures for control networks. */
@Tag("golden")
class AnnotatorsGoldenTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("annotators", c -> {
            boolean depth = c.json().path("kind").asString().equals("depth");
            Path weights = depth
                    ? c.path(c.json().path("model").asString()).resolve("model.safetensors")
                    : c.path(c.json().path("file").asString());
            try (Arena arena = new Arena();
                    TensorFile file = Safetensors.open(weights)) {
                Params params = Params.of(WeightSources.cast(file, DType.F32, Device.CPU), arena);
                if (depth) {
                    Dpt net = new Dpt(params, DptConfig.of(Json.read(weights.resolveSibling("config.json"))));
                    c.assertClose("depth", net.forward(c.tensor("pixels")));
                } else {
                    c.assertClose("edges", new HedNet(params, file).forward(c.tensor("picture")));
                }
                params.requireAllUsed();
            }
        });
    }
}
