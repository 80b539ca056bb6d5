package dev.latente.golden;

import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConditioning;
import dev.latente.models.unet.UNetConfig;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Scopes;
import dev.latente.tensor.WeightLayout;
import dev.latente.weights.Json;
import dev.latente.weights.Safetensors;
import dev.latente.weights.TensorFile;
import dev.latente.weights.WeightSources;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

@Tag("golden")
class UNetGoldenTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("unet", UNetGoldenTest::check);
    }

    private static void check(GoldenCase c) {
        for (WeightLayout layout : WeightLayout.values()) {
            check(c, layout);
        }
    }

    private static void check(GoldenCase c, WeightLayout layout) {
        try (Arena arena = new Arena();
                TensorFile file = Safetensors.open(c.path("model/diffusion_pytorch_model.safetensors"))) {
            Params params = Params.of(WeightSources.cast(file, DType.F32, Device.CPU), arena, layout);
            UNet2DCondition unet = new UNet2DCondition(params, UNetConfig.of(Json.read(c.path("model/config.json"))));
            params.requireAllUsed();
            c.names().stream()
                    .filter(n -> n.endsWith(".out.sample"))
                    .sorted()
                    .forEach(n -> Scopes.run(() -> {
                        String call = n.substring(0, n.indexOf('.')) + ".in.";
                        Tensor t =
                                c.tensor(n.replace("out.sample", "in.timestep")).reshape(-1);
                        c.assertClose(n, unet.forward(c.tensor(call + "sample"), t, conditioning(c, call)));
                    }));
        }
    }

    /** What the U-Net is told beside the sample and the timestep, by the names of the tensors behind a prefix. */
    static UNetConditioning conditioning(GoldenCase c, String call) {
        return new UNetConditioning(
                c.tensor(call + "encoder_hidden_states"),
                optional(c, call + "encoder_attention_mask"),
                optional(c, call + "text_embeds"),
                optional(c, call + "time_ids"),
                optional(c, call + "timestep_cond"),
                optional(c, call + "class_labels"));
    }

    private static @Nullable Tensor optional(GoldenCase c, String name) {
        return c.has(name) ? c.tensor(name) : null;
    }
}
