package dev.latente.golden;

import dev.latente.models.flux.Flux;
import dev.latente.models.flux.FluxConfig;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.weights.Json;
import dev.latente.weights.Safetensors;
import dev.latente.weights.TensorFile;
import dev.latente.weights.WeightSources;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

@Tag("golden")
class FluxGoldenTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("flux", FluxGoldenTest::takes, FluxGoldenTest::check);
    }

    /** The other cases of the area are whole pipelines. */
    static boolean takes(GoldenCase c) {
        return c.json().has("config");
    }

    private static void check(GoldenCase c) {
        Path folder = c.path(c.json().path("model").asString());
        try (Arena arena = new Arena();
                TensorFile file = Safetensors.open(folder.resolve("diffusion_pytorch_model.safetensors"))) {
            Params params = Params.of(WeightSources.cast(file, DType.F32, Device.CPU), arena);
            Flux model = new Flux(params, FluxConfig.of(Json.read(folder.resolve("config.json"))));
            params.requireAllUsed();
            Tensor timesteps = Ops.mul(c.tensor("timestep"), 1000); // the reference multiplies inside
            Tensor guidance = c.has("guidance") ? c.tensor("guidance") : timesteps;
            Tensor positions = Ops.cat(0, c.tensor("img_ids"), c.tensor("txt_ids"));
            c.assertClose(
                    "sample",
                    model.forward(
                            c.tensor("hidden_states"),
                            positions,
                            new Flux.Conditions(
                                    timesteps,
                                    guidance,
                                    c.tensor("encoder_hidden_states"),
                                    c.tensor("pooled_projections"))));
        }
    }
}
