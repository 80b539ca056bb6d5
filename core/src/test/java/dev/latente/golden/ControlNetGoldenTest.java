package dev.latente.golden;

import dev.latente.models.controlnet.ControlNet;
import dev.latente.models.controlnet.ControlNetConfig;
import dev.latente.models.unet.Features;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConditioning;
import dev.latente.models.unet.UNetConfig;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.weights.Json;
import dev.latente.weights.Safetensors;
import dev.latente.weights.TensorFile;
import dev.latente.weights.WeightSources;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** What a ControlNet adds, and what the U-Net makes of it. */
@Tag("golden")
public class ControlNetGoldenTest {
    /** Whether the case is about ControlNets, and not about another kind of control. */
    public static boolean takes(GoldenCase c) {
        return isOf(c, "ControlNetModel");
    }

    static boolean isOf(GoldenCase c, String type) {
        return !nets(c).isEmpty()
                && nets(c).stream()
                        .allMatch(net -> Json.read(net.resolve("config.json"))
                                .path("_class_name")
                                .asString("")
                                .equals(type));
    }

    /** The folders of the case's nets, if it has any. */
    public static List<Path> nets(GoldenCase c) {
        List<Path> nets = new ArrayList<>();
        if (c.json().has("models")) {
            c.json().path("models").forEach(name -> nets.add(c.path(name.asString())));
        } else if (c.json().has("model")) {
            nets.add(c.path(c.json().path("model").asString()));
        }
        return nets;
    }

    @TestFactory
    Stream<DynamicTest> residuals() {
        return Golden.tests("control", c -> takes(c) && c.has("in.sample"), ControlNetGoldenTest::check);
    }

    private static void check(GoldenCase c) {
        try (Arena arena = new Arena()) {
            Path base = c.tree().resolve(c.json().path("base_model").asString());
            UNet2DCondition unet =
                    load(base.resolve("unet"), arena, (p, json) -> new UNet2DCondition(p, UNetConfig.of(json)));
            ControlNet net = load(nets(c).get(0), arena, (p, json) -> new ControlNet(p, ControlNetConfig.of(json)));
            Tensor sample = c.tensor("in.sample");
            Tensor timestep = c.tensor("in.timestep").reshape(-1);
            UNetConditioning conditioning = conditioning(c);
            Features raw = net.forward(sample, timestep, conditioning, net.hint(c.tensor("in.controlnet_cond")));
            c.names().stream()
                    .filter(n -> n.endsWith("/out.mid"))
                    .map(n -> n.substring(0, n.indexOf('/')))
                    .forEach(name -> {
                        double scale = scale(name);
                        boolean rising =
                                name.startsWith("guess") && !net.config().globalPool();
                        Features residuals = rising ? raw.timesRising(scale) : raw.times(scale);
                        for (int i = 0; i < residuals.skips().size(); i++) {
                            c.assertClose(
                                    "%s/out.down.%02d".formatted(name, i),
                                    residuals.skips().get(i));
                        }
                        c.assertClose(name + "/out.mid", residuals.middle());
                        c.assertClose(name + "/out.unet", unet.forward(sample, timestep, conditioning, residuals));
                    });
        }
    }

    /** Names are scale0.6, guess, guess0.5. */
    private static double scale(String name) {
        String number = name.replaceAll("[a-z_]", "");
        return number.isEmpty() ? 1 : Double.parseDouble(number);
    }

    static UNetConditioning conditioning(GoldenCase c) {
        return new UNetConditioning(
                c.tensor("in.encoder_hidden_states"),
                null,
                optional(c, "in.text_embeds"),
                optional(c, "in.time_ids"),
                null,
                null);
    }

    static <T> T load(Path folder, Arena arena, BiFunction<Params, JsonNode, T> model) {
        try (TensorFile file = Safetensors.open(folder.resolve("diffusion_pytorch_model.safetensors"))) {
            Params params = Params.of(WeightSources.cast(file, DType.F32, Device.CPU), arena);
            T built = model.apply(params, Json.read(folder.resolve("config.json")));
            params.requireAllUsed();
            return built;
        }
    }

    private static @Nullable Tensor optional(GoldenCase c, String name) {
        return c.has(name) ? c.tensor(name) : null;
    }
}
