package dev.latente.golden;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.models.adapters.BlockScales;
import dev.latente.models.adapters.IpAdapter;
import dev.latente.models.adapters.IpAdapterConfig;
import dev.latente.models.unet.Beside;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConfig;
import dev.latente.nn.ImageContext;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.weights.TensorFile;
import dev.latente.weights.TensorFiles;
import dev.latente.weights.WeightSources;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** What a U-Net makes of pictures that an IP-Adapter shows it. */
@Tag("golden")
public class IpAdapterGoldenTest {
    public static boolean takes(GoldenCase c) {
        return !files(c).isEmpty();
    }

    /** The files of the case's adapters. */
    public static List<Path> files(GoldenCase c) {
        List<Path> files = new ArrayList<>();
        c.json().path("files").forEach(name -> files.add(c.path(name.asString())));
        if (c.json().has("file")) {
            files.add(c.path(c.json().path("file").asString()));
        }
        return files;
    }

    @TestFactory
    Stream<DynamicTest> predictions() {
        return Golden.tests("control", c -> takes(c) && c.has("in.image_embeds"), IpAdapterGoldenTest::check);
    }

    private static void check(GoldenCase c) {
        Path base = c.tree().resolve(c.json().path("base_model").asString());
        try (Arena arena = new Arena();
                TensorFile file = TensorFiles.open(files(c).get(0))) {
            UNet2DCondition unet = ControlNetGoldenTest.load(
                    base.resolve("unet"), arena, (p, json) -> new UNet2DCondition(p, UNetConfig.of(json)));
            Params params = Params.of(WeightSources.cast(file, DType.F32, Device.CPU), arena);
            IpAdapter adapter = new IpAdapter(params, IpAdapterConfig.of(file));
            params.requireAllUsed();
            checkOrder(c, adapter, unet.config());
            Tensor tokens = adapter.tokens(c.tensor("in.image_embeds"));
            c.assertClose("out.image_tokens", tokens.unsqueeze(1));
            if (c.has("blocks/out.unet")) {
                BlockScales scales =
                        BlockScales.parse(c.json().path("block_scales").asString());
                c.assertClose("blocks/out.unet", predict(c, unet, adapter.context(tokens, unet.config(), scales)));
            }
            for (String name : c.names()) {
                if (name.matches("(one|two)/scale[0-9.]+/out[.]unet")) {
                    Tensor seen =
                            name.startsWith("one") ? tokens : adapter.tokens(c.tensor("in.image_embeds_two_images"));
                    double scale = Double.parseDouble(name.replaceAll(".*/scale|/out.*", ""));
                    ImageContext context = adapter.context(seen, unet.config(), BlockScales.of(scale));
                    c.assertClose(name, predict(c, unet, context));
                }
            }
        }
    }

    private static Tensor predict(GoldenCase c, UNet2DCondition unet, ImageContext context) {
        return unet.beside(new Beside(List.of(), context))
                .forward(
                        c.tensor("in.sample"),
                        c.tensor("in.timestep").reshape(-1),
                        ControlNetGoldenTest.conditioning(c));
    }

    private static void checkOrder(GoldenCase c, IpAdapter adapter, UNetConfig unet) {
        List<String> order = c.json()
                .path("attention_order")
                .valueStream()
                .map(a -> a.path("module").asString().replaceAll("attn2$", ""))
                .toList();
        assertThat(adapter.config().paths(unet)).isEqualTo(order);
    }
}
