package dev.latente.golden;

import dev.latente.models.vae.AutoencoderTiny;
import dev.latente.models.vae.AutoencoderTinyConfig;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.weights.Json;
import dev.latente.weights.Safetensors;
import dev.latente.weights.TensorFile;
import dev.latente.weights.WeightSources;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

@Tag("golden")
class TaesdGoldenTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("taesd", TaesdGoldenTest::check);
    }

    private static void check(GoldenCase c) {
        try (Arena arena = new Arena();
                TensorFile file = Safetensors.open(c.path("model/diffusion_pytorch_model.safetensors"))) {
            Params params = Params.of(WeightSources.cast(file, DType.F32, Device.CPU), arena);
            AutoencoderTiny vae =
                    new AutoencoderTiny(params, AutoencoderTinyConfig.of(Json.read(c.path("model/config.json"))));
            params.requireAllUsed();
            c.assertClose("out.encoded", vae.encode(c.tensor("in.image")));
            c.assertClose("out.decoded", vae.decode(c.tensor("in.latents")));
            c.assertClose("out.reconstruction", vae.decode(vae.encode(c.tensor("in.image"))));
        }
    }
}
