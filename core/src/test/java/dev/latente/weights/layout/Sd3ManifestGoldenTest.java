package dev.latente.weights.layout;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.latente.golden.Golden;
import dev.latente.golden.GoldenCase;
import dev.latente.models.mmdit.MMDiT;
import dev.latente.models.mmdit.MMDiTConfig;
import dev.latente.nn.Params;
import dev.latente.tensor.Arena;
import dev.latente.weights.Json;
import dev.latente.weights.TensorInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Transformers of Stable Diffusion 3 and 3.5 of full size: every name, shape and rearrangement, in both layouts. */
@Tag("golden")
public class Sd3ManifestGoldenTest {
    private static final String PREFIX = "model.diffusion_model.";

    @TestFactory
    Stream<DynamicTest> manifests() {
        return Golden.tests(
                "sd3",
                Sd3ManifestGoldenTest::takes,
                c -> c.json().path("files").propertyNames(),
                (c, name) -> check(c.path(c.json().path("files").path(name).asString())));
    }

    /** The other cases of the area have weights. */
    public static boolean takes(GoldenCase c) {
        return c.json().has("files") && c.json().path("case").asString().contains("manifest");
    }

    /** A stored tensor and the canonical ones that are made of it. */
    private record Entry(TensorInfo stored, List<TensorInfo> canonical, Set<String> operations) {
        private static final String[][] OPERATIONS = {
            {"copy", "COPY"}, {"chunk0/3", "FUSE"}, {"chunk1/3", "FUSE"}, {"chunk2/3", "FUSE"}, {"swap_halves", "SWAP"}
        };

        static Entry of(JsonNode json, int block) {
            List<TensorInfo> canonical = new ArrayList<>();
            Set<String> operations = new TreeSet<>();
            for (JsonNode to : json.path("to")) {
                canonical.add(info(to.path("key").asString(), to.path("shape"), block));
                for (String[] operation : OPERATIONS) {
                    if (operation[0].equals(to.path("op").asString())) {
                        operations.add(operation[1]);
                    }
                }
            }
            return new Entry(
                    info(json.path("original").asString(), json.path("original_shape"), block), canonical, operations);
        }

        private static TensorInfo info(String name, JsonNode shape, int block) {
            List<Long> sizes = shape.valueStream().map(JsonNode::asLong).toList();
            return new TensorInfo(name.replace("*", Integer.toString(block)), "F32", sizes, 0);
        }
    }

    private static void check(Path file) {
        JsonNode manifest = Json.read(file);
        List<Entry> entries = new ArrayList<>();
        for (JsonNode json : manifest.path("entries")) {
            int last = json.path("blocks").path(1).asInt(0);
            for (int block = json.path("blocks").path(0).asInt(0); block <= last; block++) {
                entries.add(Entry.of(json, block));
            }
        }
        MMDiTConfig config = MMDiTConfig.of(manifest.path("config"));
        MetaFile canonical = file(file, entries.stream().flatMap(e -> e.canonical.stream()));
        // The table of positions is not learned.
        long positions = config.maxPatches() * config.maxPatches() * config.size();
        assertEquals(manifest.path("parameters").asLong(), canonical.elements() - positions);
        build(canonical, config);

        SingleFile single = new SingleFile(file(file, entries.stream().map(Entry::stored)));
        assertEquals(Set.of("transformer"), single.components().keySet());
        ComponentWeights weights = Objects.requireNonNull(single.components().get("transformer"));
        Map<String, List<Long>> shapes = new TreeMap<>();
        canonical.tensors().values().forEach(t -> shapes.put(t.name(), t.shape()));
        assertEquals(shapes, new TreeMap<>(weights.shapes()));
        assertEquals(config, detected(single, manifest.path("config")));
        checkBothWays(entries, shapes.keySet());
    }

    /** What shapes tell. */
    private static MMDiTConfig detected(SingleFile single, JsonNode published) {
        JsonNode detected = single.config("transformer", Family.SD1);
        assertEquals(
                published.hasNonNull("qk_norm") ? Family.SD35 : Family.SD3, Family.of(Map.of("transformer", detected)));
        return MMDiTConfig.of(detected);
    }

    /** Fails for a weight that is missing, left over or of another shape. */
    private static void build(MetaFile source, MMDiTConfig config) {
        try (Arena arena = new Arena()) {
            Params params = Params.of(source, arena);
            MMDiT model = new MMDiT(params, config);
            params.requireAllUsed();
            assertEquals(source.keys(), params.used(), model.config().toString());
        }
    }

    private static void checkBothWays(List<Entry> entries, Set<String> names) {
        KeyMap map = Layout.MMDIT.keys(names);
        for (Entry entry : entries) {
            List<String> canonical =
                    entry.canonical.stream().map(TensorInfo::name).toList();
            KeyMap.Place stored =
                    Objects.requireNonNull(map.ofStored(entry.stored.name().substring(PREFIX.length())));
            assertEquals(canonical, stored.canonical());
            assertEquals(entry.operations, Set.of(stored.shaping().name()), entry.stored.name());
            for (String name : canonical) {
                assertEquals(stored, map.ofCanonical(name));
            }
        }
    }

    private static MetaFile file(Path path, Stream<TensorInfo> tensors) {
        Map<String, TensorInfo> byName = new LinkedHashMap<>();
        tensors.forEach(t -> byName.put(t.name(), t));
        return new MetaFile(path, byName);
    }
}
