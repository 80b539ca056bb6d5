package dev.latente.mundo.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.latente.image.Picture;
import dev.latente.image.PictureFiles;
import dev.latente.mundo.Painter;
import dev.latente.mundo.Prompt;
import dev.latente.mundo.Prompts;
import dev.latente.weights.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class EdgeOverlapTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    /** Black, but for one white pixel. */
    private static Picture dot(int x, int y) {
        return Picture.filled(32, 16, 1, 0).paste(Picture.filled(1, 1, 1, 255), x, y);
    }

    @Test
    void theSameEdgesOverlapWhollyAndDistantOnesNot() {
        assertThat(EdgeOverlap.iou(dot(10, 8), dot(10, 8))).isEqualTo(1);
        assertThat(EdgeOverlap.iou(dot(10, 8), dot(15, 8))).isZero();
    }

    /** Squares of 5x5 that are two columns apart share 3x5 of their 7x5 pixels. */
    @Test
    void shiftedEdgesOverlapInPart() {
        assertThat(EdgeOverlap.iou(dot(10, 8), dot(12, 8))).isCloseTo(15 / 35.0, within(1e-12));
        assertThat(EdgeOverlap.iou(dot(12, 8), dot(10, 8))).isCloseTo(15 / 35.0, within(1e-12));
        assertThat(EdgeOverlap.iou(dot(10, 7), dot(10, 8))).isCloseTo(20 / 30.0, within(1e-12));
    }

    /** In the corners a square has 3x3 pixels, and none of them goes on in another row. */
    @Test
    void dilationEndsAtTheBorder() {
        assertThat(EdgeOverlap.iou(dot(0, 0), dot(1, 0))).isCloseTo(9 / 12.0, within(1e-12));
        assertThat(EdgeOverlap.iou(dot(31, 15), dot(30, 15))).isCloseTo(9 / 12.0, within(1e-12));
        assertThat(EdgeOverlap.iou(dot(31, 8), dot(0, 8))).isZero();
    }

    @Test
    void picturesWithoutEdgesAreAlike() {
        Picture none = Picture.filled(32, 16, 1, 0);
        assertThat(EdgeOverlap.iou(none, none)).isEqualTo(1);
        assertThat(EdgeOverlap.iou(none, dot(3, 3))).isZero();
    }

    @Test
    void picturesOfTwoSizesCannotBeCompared() {
        assertThatThrownBy(() -> EdgeOverlap.iou(dot(0, 0), Picture.filled(16, 16, 1, 0)))
                .hasMessageContaining("[32x16] and [16x16]");
    }

    /** What is steered is the painted picture itself, what is not is another drawing of the scene, and the autoencoder sees gray. */
    @Test
    void reportsEachBesideTheEdgesOfThePaintedPicture() {
        List<Prompt> prompts = Prompts.heldOut(4, 3);
        EdgeOverlap.Canny canny = new EdgeOverlap.Canny(100, 200);
        List<Integer> progress = new ArrayList<>();
        EdgeOverlap overlap = EdgeOverlap.of(
                prompts,
                7,
                canny,
                (prompt, seed, edges) -> {
                    Picture painted = painted(prompt, Resemblance.UNSEEN + seed);
                    assertThat(edges).isEqualTo(canny.edges(painted));
                    return painted;
                },
                (some, seed) -> List.of(painted(some.get(0), seed)),
                picture -> Picture.filled(128, 128, 3, 127),
                progress::add);
        assertThat(progress).containsExactly(1, 2, 3, 4);
        assertThat(overlap.mean(EdgeOverlap.Trial::steered)).isEqualTo(1);
        assertThat(overlap.mean(EdgeOverlap.Trial::free)).isBetween(0.1, 0.9);
        assertThat(overlap.mean(EdgeOverlap.Trial::decoded)).isZero();
        assertThat(overlap.trials().get(3).seed()).isEqualTo(10);

        new EdgeReport(overlap).write(folder);
        JsonNode results = Json.read(folder.resolve("results.json"));
        assertThat(results.path("steered").asDouble()).isEqualTo(1);
        assertThat(results.path("samples").size()).isEqualTo(4);
        assertThat(results.path("samples").path(3).path("prompt").asString())
                .isEqualTo(prompts.get(3).text());
        assertThat(folder.resolve("table.md"))
                .content()
                .contains("| 4 pictures |", "| steered | 1.000 |", "encoded and decoded | 0.000 |", "100.0 and 200.0");
        assertThat(PictureFiles.read(folder.resolve("edges.png")).width()).isGreaterThan(1000);
    }

    private static Picture painted(Prompt prompt, long seed) {
        return Picture.of(Painter.paint(prompt.scene(), seed));
    }
}
