package dev.latente.pipelines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latente.golden.GoldenCase;
import dev.latente.image.Masks.Region;
import dev.latente.image.Picture;
import dev.latente.pipelines.Views.RegionPrompt;
import dev.latente.pipelines.Views.Window;
import dev.latente.tensor.NoNativeLeaks;
import dev.latente.tensor.Scopes;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Canvases that are drawn in windows, and regions with prompts of their own. */
@ExtendWith(NoNativeLeaks.class)
class ViewsTest {
    private static Checkpoint checkpoint;

    @BeforeAll
    static void load(@TempDir Path temp) {
        checkpoint = Checkpoint.load(TinyCheckpoint.write(temp));
        draw(request());
    }

    @AfterAll
    static void close() {
        checkpoint.close();
    }

    private static Request request() {
        return Request.of("a tree")
                .withSize(64, 48)
                .withSteps(3)
                .withGuidance(3)
                .withSeed(5);
    }

    private static Picture draw(Request request) {
        return new TextToImage(checkpoint).generate(request).get(0);
    }

    private static void latents(Request request, Consumer<Tensor> check) {
        Scopes.run(() -> check.accept(new TextToImage(checkpoint).latents(request, Progress.NONE)));
    }

    @Test
    void windowsCoverTheCanvasAndOverlap() {
        List<Region> windows = new Window(32, 8).over(20, 8, 4); // a canvas of 80x32 pixels
        assertThat(windows).containsExactly(new Region(0, 0, 8, 8), new Region(6, 0, 8, 8), new Region(12, 0, 8, 8));
        assertThat(new Window(32, 8).over(8, 5, 4)).containsExactly(new Region(0, 0, 8, 5));
    }

    @Test
    void oneWindowIsTheWholeCanvas() {
        Views one = Views.WHOLE.withWindow(new Window(64, 16));
        assertThat(draw(request().withViews(one))).isEqualTo(draw(request()));
    }

    @Test
    void windowsChangeThePictureAndNotItsSize() {
        Picture tiled = draw(request().withViews(Views.WHOLE.withWindow(Window.parse("32,8"))));
        assertThat(tiled.width()).isEqualTo(64);
        assertThat(tiled).isNotEqualTo(draw(request()));
    }

    @Test
    void aRegionOfTheSamePromptChangesNothing() {
        Views same = Views.WHOLE.withRegions(List.of(RegionPrompt.parse("0,0,64,48: a tree")));
        latents(
                request(),
                whole -> latents(
                        request().withViews(same),
                        region -> GoldenCase.assertClose("latents", region, whole, 1e-4, 1e-4)));
    }

    @Test
    void aRegionChangesItselfMoreThanTheRest() {
        Views left = Views.WHOLE.withRegions(List.of(RegionPrompt.parse("0,0,16,48: zzz")));
        Picture whole = draw(request().withSteps(1));
        Picture other = draw(request().withSteps(1).withViews(left));
        assertThat(other.crop(0, 0, 16, 48)).isNotEqualTo(whole.crop(0, 0, 16, 48));
        Picture masked = Picture.filled(4, 4, 1, 0);
        RegionPrompt nowhere = new RegionPrompt("zzz", new Region(0, 0, 16, 48), masked);
        assertThat(draw(request().withSteps(1).withViews(Views.WHOLE.withRegions(List.of(nowhere)))))
                .isEqualTo(whole);
    }

    @Test
    void aRegionLiesOnTheCanvas() {
        Views outside = Views.WHOLE.withRegions(List.of(RegionPrompt.parse("32,0,64,48: a lake")));
        assertThatThrownBy(() -> draw(request().withViews(outside)))
                .hasMessage("region 32,0,64,48: lies outside of the picture of 64x48 pixels");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a lake", "0,0,8: a lake", "0,0,x,8: a lake", "0,0,0,8: a lake"})
    void aRegionIsFourNumbersAndAPrompt(String text) {
        assertThatThrownBy(() -> RegionPrompt.parse(text)).hasMessageStartingWith("region: got [" + text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "64,64", "0", "64,-1"})
    void aWindowIsLargerThanItsOverlap(String text) {
        assertThatThrownBy(() -> Window.parse(text)).hasMessageStartingWith("tiled diffusion: got ");
    }
}
