package dev.latente.weights.layout;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.latente.golden.Golden;
import dev.latente.golden.GoldenCase;
import dev.latente.models.clip.ClipTextConfig;
import dev.latente.models.clip.ClipTextModel;
import dev.latente.models.unet.UNet2DCondition;
import dev.latente.models.unet.UNetConfig;
import dev.latente.models.vae.AutoencoderKL;
import dev.latente.models.vae.VaeConfig;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.weights.Json;
import dev.latente.weights.TensorInfo;
import dev.latente.weights.WeightSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Models of full size ask for exactly the weights that published checkpoints have, in either layout. */
@Tag("golden")
class ManifestGoldenTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("manifests", ManifestGoldenTest::check);
    }

    private static void check(GoldenCase c) {
        c.json().path("parameter_counts").properties().forEach(count -> {
            String name = count.getKey();
            MetaFile file = manifest(c, name);
            JsonNode config = Json.read(c.path("configs/" + name + "/config.json"));
            build(file, name, config);
            assertEquals(count.getValue().asLong(), file.elements(), name);
        });
        Path original = c.path("original.json");
        if (Files.exists(original)) {
            checkOriginal(c, original);
        }
    }

    private static MetaFile manifest(GoldenCase c, String component) {
        return MetaFile.of(c.dir(), Json.read(c.path(component + ".json")));
    }

    /** Fails for a weight that is missing, left over or of another shape. */
    private static void build(WeightSource source, String name, JsonNode config) {
        try (Arena arena = new Arena()) {
            Params params = Params.of(source, arena);
            Object model = switch (name) {
                case "unet" -> new UNet2DCondition(params, UNetConfig.of(config));
                case "vae" -> new AutoencoderKL(params, VaeConfig.of(config));
                default -> new ClipTextModel(params, ClipTextConfig.of(config));
            };
            params.requireAllUsed();
            assertEquals(source.keys(), params.used(), model.toString());
        }
    }

    private static void checkOriginal(GoldenCase c, Path original) {
        JsonNode manifest = Json.read(original);
        SingleFile single = new SingleFile(MetaFile.of(original, manifest));
        Family family = Family.of(single.config("unet", Family.SD1));
        single.components().forEach((name, weights) -> {
            assertEquals(shapes(manifest(c, name)), new TreeMap<>(weights.shapes()), name);
            JsonNode published = Json.read(c.path("configs/" + name + "/config.json"));
            JsonNode detected = single.config(name, family);
            switch (name) {
                case "unet" -> assertEquals(UNetConfig.of(published), sized(UNetConfig.of(detected), published));
                case "vae" -> assertEquals(VaeConfig.of(published), VaeConfig.of(detected));
                default -> assertEquals(ClipTextConfig.of(published), ClipTextConfig.of(detected));
            }
            checkWayBack(manifest, name, family, weights);
        });
    }

    /** The size of the training pictures is in no shape. */
    private static UNetConfig sized(UNetConfig detected, JsonNode published) {
        return new UNetConfig(
                detected.inChannels(),
                detected.outChannels(),
                published.path("sample_size").asLong(),
                detected.down(),
                detected.middle(),
                detected.up(),
                detected.embeddings(),
                detected.centerInput(),
                detected.linearProjection(),
                detected.downsamplePadding(),
                detected.groups(),
                detected.eps());
    }

    /** Canonical names lead to the original ones. */
    private static void checkWayBack(JsonNode manifest, String component, Family family, ComponentWeights weights) {
        SingleFile.Root root = Objects.requireNonNull(SingleFile.root(component, family));
        KeyMap map = root.layout().keys(weights.keys());
        manifest.properties().stream()
                .filter(e -> e.getKey().startsWith(root.prefix()))
                .forEach(e -> {
                    List<String> canonical = new ArrayList<>();
                    e.getValue().path("diffusers").forEach(d -> canonical.add(d.asString()));
                    for (String name : canonical) {
                        KeyMap.Place place = Objects.requireNonNull(map.ofCanonical(name));
                        assertEquals(e.getKey(), root.prefix() + place.stored());
                        assertEquals(canonical, place.canonical());
                    }
                });
    }

    private static Map<String, List<Long>> shapes(MetaFile file) {
        Map<String, List<Long>> shapes = new TreeMap<>();
        file.tensors().values().forEach((TensorInfo t) -> shapes.put(t.name(), t.shape()));
        return shapes;
    }
}
