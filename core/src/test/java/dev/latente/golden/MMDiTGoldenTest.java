package dev.latente.golden;

import dev.latente.models.mmdit.MMDiT;
import dev.latente.models.mmdit.MMDiTConfig;
import dev.latente.models.mmdit.PatchEmbedding;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Scopes;
import dev.latente.weights.Json;
import dev.latente.weights.Safetensors;
import dev.latente.weights.TensorFile;
import dev.latente.weights.WeightSources;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

@Tag("golden")
class MMDiTGoldenTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("sd3", MMDiTGoldenTest::takes, MMDiTGoldenTest::check);
    }

    /** The other cases of the area are whole pipelines and key lists. */
    static boolean takes(GoldenCase c) {
        return c.json().has("runs") && c.json().has("config");
    }

    private static void check(GoldenCase c) {
        Path folder = c.path(c.json().path("model").asString());
        try (Arena arena = new Arena();
                TensorFile file = Safetensors.open(folder.resolve("diffusion_pytorch_model.safetensors"))) {
            MMDiTConfig config = MMDiTConfig.of(Json.read(folder.resolve("config.json")));
            Params params = Params.of(WeightSources.cast(file, DType.F32, Device.CPU), arena);
            MMDiT model = new MMDiT(params, config);
            params.requireAllUsed();
            if (c.has("pos_embed_fp32")) {
                c.assertClose("pos_embed_fp32", PatchEmbedding.sinusoidalTable(config));
            }
            c.json().path("runs").forEach(run -> Scopes.run(() -> check(c, model, run)));
        }
    }

    private static void check(GoldenCase c, MMDiT model, JsonNode run) {
        String name = run.path("name").asString() + ".";
        c.names().stream()
                .filter(n -> n.startsWith(name + "sample"))
                .forEach(n -> c.assertClose(
                        n,
                        model.forward(
                                c.tensor(name + "hidden_states"),
                                c.tensor(name + "timestep"),
                                c.tensor(name + "encoder_hidden_states"),
                                c.tensor(name + "pooled_projections"),
                                skipped(n.substring(name.length())),
                                n.endsWith("_controlnet") ? residuals(c, name) : List.of())));
    }

    /** Of such as {@code sample_skip_layer1}. */
    private static Set<Integer> skipped(String output) {
        String prefix = "sample_skip_layer";
        return output.startsWith(prefix) ? Set.of(Integer.parseInt(output.substring(prefix.length()))) : Set.of();
    }

    private static List<Tensor> residuals(GoldenCase c, String name) {
        return IntStream.iterate(0, i -> c.has(name + "block_controlnet_hidden_states." + i), i -> i + 1)
                .mapToObj(i -> c.tensor(name + "block_controlnet_hidden_states." + i))
                .toList();
    }
}
