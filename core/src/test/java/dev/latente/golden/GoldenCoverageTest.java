package dev.latente.golden;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latente.pipelines.FluxPipelineGoldenTest;
import dev.latente.pipelines.Sd3GoldenTest;
import dev.latente.weights.layout.Sd3ManifestGoldenTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** No reference case is left out in silence: not one of another kind, and not a whole tree that was misspelt. */
@Tag("golden")
class GoldenCoverageTest {
    private static final Set<String> AREAS = Set.of(
            "annotators",
            "clip",
            "conditioning",
            "control",
            "flux",
            "gguf",
            "image",
            "lora",
            "manifests",
            "pickle_bad",
            "pipelines",
            "prompt",
            "quantize",
            "rng",
            "safetensors_bad",
            "schedulers",
            "sd3",
            "single_file",
            "taesd",
            "text_encoder",
            "tokenizer",
            "unet",
            "upscale",
            "vae");

    /** Areas of which a test takes a part, and the parts; all other areas are taken whole. */
    private static final Map<String, List<Predicate<GoldenCase>>> PARTS = Map.of(
            "conditioning", List.of(EdgesGoldenTest::takes, ImageProcessorGoldenTest::takes),
            "control", List.of(ControlNetGoldenTest::takes, T2IAdapterGoldenTest::takes, IpAdapterGoldenTest::takes),
            "flux", List.of(FluxGoldenTest::takes, FluxPipelineGoldenTest::takes),
            "prompt", List.of(PromptParserGoldenTest::takes, PromptChunkGoldenTest::takes),
            "schedulers", List.of(SchedulersGoldenTest::takes, c -> !c.json().has("variants")),
            "sd3", List.of(MMDiTGoldenTest::takes, Sd3GoldenTest::takes, Sd3ManifestGoldenTest::takes),
            "text_encoder", List.of(ClipGoldenTest::takes, T5GoldenTest::takes),
            "tokenizer", List.of(ClipTokenizerGoldenTest::takes, T5TokenizerGoldenTest::takes),
            "upscale", List.of(UpscalerGoldenTest::takes, c -> c.json().has("runs")));

    @Test
    void everyCaseIsTaken() {
        Stream<GoldenCase> left = PARTS.entrySet().stream()
                .flatMap(area -> Golden.cases(area.getKey()).stream()
                        .filter(c -> area.getValue().stream().noneMatch(part -> part.test(c))));
        assertThat(left).isEmpty();
    }

    @Test
    void everyTreeHasAnArea() {
        for (Path tree : Golden.trees()) {
            List<String> areas = areas(tree);
            assertThat(areas).as("areas in %s".formatted(tree)).containsAnyElementsOf(AREAS);
            areas.removeAll(AREAS);
            System.out.printf("golden: areas of %s without tests: %s%n", tree, areas);
        }
    }

    private static List<String> areas(Path tree) {
        try (Stream<Path> folders = Files.list(tree)) {
            return new ArrayList<>(folders.filter(Files::isDirectory)
                    .map(folder -> folder.getFileName().toString())
                    .sorted()
                    .toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
