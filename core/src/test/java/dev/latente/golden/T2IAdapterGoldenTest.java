package dev.latente.golden;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.models.adapters.T2IAdapter;
import dev.latente.models.adapters.T2IAdapterConfig;
import dev.latente.models.unet.Beside;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConfig;
import dev.latente.nn.ImageContext;
import dev.latente.tensor.Arena;
import dev.latente.tensor.Ops;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** What a T2I-Adapter makes of a picture, and what the U-Net makes of that. */
@Tag("golden")
public class T2IAdapterGoldenTest {
    public static boolean takes(GoldenCase c) {
        return ControlNetGoldenTest.isOf(c, "T2IAdapter") || givesFeatures(c);
    }

    /** Whether the case is about a U-Net and features that no adapter made. */
    private static boolean givesFeatures(GoldenCase c) {
        return c.name().startsWith("t2i_features");
    }

    @TestFactory
    Stream<DynamicTest> givenFeatures() {
        return Golden.tests("control", T2IAdapterGoldenTest::givesFeatures, c -> {
            try (Arena arena = new Arena()) {
                List<Tensor> features = new ArrayList<>();
                while (c.has("in.features." + features.size())) {
                    features.add(c.tensor("in.features." + features.size()));
                    c.assertClose("out.unet_first" + features.size(), unet(c, arena, features));
                }
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> features() {
        return Golden.tests("control", c -> takes(c) && !givesFeatures(c), T2IAdapterGoldenTest::check);
    }

    private static void check(GoldenCase c) {
        try (Arena arena = new Arena()) {
            T2IAdapter adapter = ControlNetGoldenTest.load(
                    ControlNetGoldenTest.nets(c).get(0),
                    arena,
                    (p, json) -> new T2IAdapter(p, T2IAdapterConfig.of(json)));
            List<Tensor> features = adapter.forward(c.tensor("in.image"));
            assertThat(c.has("out.features." + features.size())).isFalse();
            for (int i = 0; i < features.size(); i++) {
                c.assertClose("out.features." + i, features.get(i));
            }
            for (String name : c.names()) {
                if (name.startsWith("out.unet_scale")) {
                    double scale = Double.parseDouble(name.substring("out.unet_scale".length()));
                    c.assertClose(name, unet(c, arena, scaled(features, scale)));
                }
            }
        }
    }

    private static List<Tensor> scaled(List<Tensor> features, double scale) {
        return features.stream().map(x -> Ops.mul(x, scale)).toList();
    }

    private static Tensor unet(GoldenCase c, Arena arena, List<Tensor> features) {
        Path base = c.tree().resolve(c.json().path("base_model").asString());
        UNet2DCondition unet = ControlNetGoldenTest.load(
                base.resolve("unet"), arena, (p, json) -> new UNet2DCondition(p, UNetConfig.of(json)));
        return unet.beside(new Beside(features, ImageContext.NONE))
                .forward(
                        c.tensor("in.sample"),
                        c.tensor("in.timestep").reshape(-1),
                        ControlNetGoldenTest.conditioning(c));
    }
}
