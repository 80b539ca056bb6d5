package dev.latente.golden;

import dev.latente.models.upscale.Upscaler;
import dev.latente.nn.Params;
import dev.latente.pipelines.Tiles;
import dev.latente.tensor.Arena;
import dev.latente.tensor.DType;
import dev.latente.tensor.Device;
import dev.latente.tensor.Ops;
import dev.latente.weights.WeightSources;
import dev.latente.weights.layout.ModelFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** Networks that enlarge pictures, from every layout of keys, whole and in tiles. */
@Tag("golden")
public class UpscalerGoldenTest {
    /** Whether the case is of a network without a text; the others are of whole pipelines. */
    public static boolean takes(GoldenCase c) {
        return !c.json().has("model");
    }

    @TestFactory
    Stream<DynamicTest> networks() {
        return Golden.tests(
                "upscale",
                UpscalerGoldenTest::takes,
                c -> files(c).stream().map(f -> f.getFileName().toString()).toList(),
                (c, file) -> check(c, c.path(file)));
    }

    private static List<Path> files(GoldenCase c) {
        try (Stream<Path> all = Files.list(c.dir())) {
            return all.filter(f -> f.toString().matches(".*\\.(safetensors|pth)"))
                    .filter(f -> !f.endsWith("io.safetensors"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void check(GoldenCase c, Path file) {
        try (Arena arena = new Arena();
                ModelFiles files = ModelFiles.open(file, "upscaler", null)) {
            Params params = Params.of(WeightSources.cast(files.weights(), DType.F32, Device.CPU), arena);
            Upscaler network = Upscaler.of(params, files.config());
            params.requireAllUsed();
            c.assertClose(c.has("full") ? "full" : "output", network.forward(c.tensor("input")));
            if (c.has("odd_input")) {
                c.assertClose("odd_output", network.forward(c.tensor("odd_input")));
            }
            c.json().path("tiled").forEach(tiled -> {
                Tiles tiles =
                        new Tiles(tiled.path("tile").asInt(), tiled.path("pad").asInt());
                c.assertClose(tiled.path("tensor").asString(), tiled(network, c.tensor("input"), tiles));
            });
        }
    }

    private static Tensor tiled(Upscaler network, Tensor x, Tiles tiles) {
        int scale = network.scale();
        Tensor out = Ops.zeros(DType.F32, Device.CPU, 1, x.size(1), x.size(2) * scale, x.size(3) * scale);
        for (Tiles.Tile tile : tiles.over((int) x.size(3), (int) x.size(2), network.unit())) {
            var seen = tile.seen();
            var core = tile.core();
            Tensor part = network.forward(x.narrow(2, seen.y(), seen.height()).narrow(3, seen.x(), seen.width()));
            out.narrow(2, (long) core.y() * scale, (long) core.height() * scale)
                    .narrow(3, (long) core.x() * scale, (long) core.width() * scale)
                    .copy_(part.narrow(2, (long) (core.y() - seen.y()) * scale, (long) core.height() * scale)
                            .narrow(3, (long) (core.x() - seen.x()) * scale, (long) core.width() * scale));
        }
        return out;
    }
}
